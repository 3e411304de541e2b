// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the last verification of the whole log said: the badge on every page. A broken log stays
 * broken until a later verification says otherwise; a gateway's silence does not hide it. Where it
 * is broken is told only to whom may see what the operator who asked may.
 */
public final class Integrity {
  private record Said(Set<String> tenants, Verification verification) {}

  private final AtomicReference<Optional<Said>> last = new AtomicReference<>(Optional.empty());

  /**
   * @param tenants whose records the viewer may see
   */
  public Optional<Verification> last(Set<String> tenants) {
    return last.get()
        .map(said ->
            said.verification() instanceof Verification.Broken broken
                    && !tenants.containsAll(said.tenants())
                ? new Verification.BrokenElsewhere(broken.at())
                : said.verification());
  }

  /**
   * Notes an answer.
   *
   * @param tenants whose records the operator may see who was given it
   */
  public void note(Set<String> tenants, Verification verification) {
    var next = new Said(Set.copyOf(tenants), verification);
    last.updateAndGet(before ->
        Optional.of(
            switch (verification) {
              case Verification.Sound sound -> next;
              case Verification.Broken broken -> next;
              case Verification.BrokenElsewhere broken -> kept(before, next);
              case Verification.Pending pending -> kept(before, next);
              case Verification.Refused refused -> kept(before, next);
              case Verification.NoGateway silent -> kept(before, next);
            }));
  }

  private static Said kept(Optional<Said> before, Said next) {
    return before.filter(said -> said.verification().isBroken()).orElse(next);
  }
}
