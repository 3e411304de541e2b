// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The sentence of each reason code, as the gateways' active policy tells it. Nothing personal: one
 * for everybody. What is not known is shown as its code alone.
 */
public final class Catalogue {
  private final AtomicReference<Map<String, String>> sentences = new AtomicReference<>(Map.of());

  /** Takes what a gateway told. */
  public void learn(Map<String, String> told) {
    if (!told.isEmpty()) {
      sentences.set(Map.copyOf(told));
    }
  }

  public Optional<String> find(String code) {
    return Optional.ofNullable(sentences.get().get(code));
  }
}
