// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import java.util.Map;

/**
 * Why a decision came out as it did.
 *
 * @param code stable, such as {@code ORG-017}, {@code SALES-001}, {@code ENG-003}
 * @param layer {@code org}, a team's name, or {@code engine}
 * @param about whether it concerns the caller, the request, or the resource; reasons about a
 *     resource are told only to those whom some rule grants it
 * @param text a sentence for a human, from the revision's catalogue, arguments filled in
 * @param args each typed by the catalogue: an enumeration, or a value of this caller's own request
 */
public record Reason(
    String code, String layer, About about, String text, Map<String, String> args) {
  /** All that a stranger hears about a resource. */
  public static final Reason NOT_AVAILABLE =
      new Reason(
          "ORG-001",
          "org",
          About.RESOURCE,
          "This is not available to you, or does not exist.",
          Map.of());

  public Reason {
    args = Map.copyOf(args);
  }

  /** What a reason speaks of. */
  public enum About {
    CALLER,
    REQUEST,
    RESOURCE
  }
}
