// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

import java.util.Locale;

/** How identity travels to the source. Where a user's lane exists, the others are refused. */
public enum Lane {
  /** A token exchanged on behalf of the person. */
  OBO,
  /** The gateway's own workload identity. */
  WORKLOAD,
  /** A third party's token, consented to by the person. */
  SAAS,
  /** A key that stands for nobody. */
  KEY;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
