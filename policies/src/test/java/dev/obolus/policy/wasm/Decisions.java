// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

/** Decision documents for {@code main.sales.orders}, with a column {@code email} asked for. */
final class Decisions {
  static final String ALLOW = obliging("");

  private Decisions() {}

  static String obliging(String obligations) {
    return of("allow", "{\"code\": \"SALES-001\", \"args\": {}}", obligations);
  }

  static String denying(String reasons) {
    return of("deny", reasons, "");
  }

  static String of(String effect, String reasons, String obligations) {
    return """
    {"v": 1, "effect": "%s", "reasons": [%s], "obligations": [%s], "acrs": [],         "grants": ["sales"], "labels": {"resource": [], "columns": {}}}\
    """
        .formatted(effect, reasons, obligations);
  }
}
