// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

/** What a line is coloured and marked by. Only the first four are decisions or failures. */
public enum Tone {
  ALLOW,
  DENY,
  HELD,
  ERROR,
  /** An answer that left, quietly. */
  SERVED,
  /** The caller hung up. */
  CANCELLED,
  /** Operators and the gateways themselves. */
  SYSTEM;

  /** Shown first and never sampled away: everything that is not plain traffic. */
  public boolean exceptional() {
    return switch (this) {
      case DENY, HELD, ERROR, SYSTEM -> true;
      case ALLOW, SERVED, CANCELLED -> false;
    };
  }

  /** The word in class names and frames. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
