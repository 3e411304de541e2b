// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The sentence of each reason code, as the gateways' policy tells it. Nothing personal: one for
 * everybody. A newer revision's sentences win; codes that it no longer has are kept, for older
 * records hold them, as long as there is room. What is not known is shown as its code alone.
 */
public final class Catalogue {
  private static final int MOST = 4_000;

  private record Told(String revision, Map<String, String> sentences) {}

  private final AtomicReference<Told> told = new AtomicReference<>(new Told("", Map.of()));

  /** Takes what a gateway told of its active revision. */
  public void learn(String revision, Map<String, String> sentences) {
    told.updateAndGet(before ->
        sentences.isEmpty() || (before.revision().equals(revision) && !revision.isEmpty())
            ? before
            : new Told(revision, together(before.sentences(), sentences)));
  }

  private static Map<String, String> together(Map<String, String> before, Map<String, String> now) {
    var all = new HashMap<>(before);
    all.putAll(now);
    return Map.copyOf(all.size() > MOST ? now : all);
  }

  public Optional<String> find(String code) {
    return Optional.ofNullable(told.get().sentences().get(code));
  }
}
