// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the last verification of the whole log said: the badge on every page. A broken log stays
 * broken until a later verification says otherwise; a gateway's silence does not hide it.
 */
public final class Integrity {
  private final AtomicReference<Optional<Verification>> last =
      new AtomicReference<>(Optional.empty());

  public Optional<Verification> last() {
    return last.get();
  }

  /** Notes an answer. */
  public void note(Verification verification) {
    last.updateAndGet(before ->
        switch (verification) {
          case Verification.Sound sound -> Optional.of(sound);
          case Verification.Broken broken -> Optional.of(broken);
          case Verification.BrokenElsewhere broken -> Optional.of(broken);
          case Verification.Pending pending -> Optional.of(kept(before, pending));
          case Verification.Refused refused -> Optional.of(kept(before, refused));
          case Verification.NoGateway silent -> Optional.of(kept(before, silent));
        });
  }

  private static Verification kept(Optional<Verification> before, Verification next) {
    return before.filter(Verification::isBroken).orElse(next);
  }
}
