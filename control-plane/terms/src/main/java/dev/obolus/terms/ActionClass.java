// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

import java.util.Locale;

/** What a call does to data. The wire word is the lower-case name, the same everywhere. */
public enum ActionClass {
  /** Proven to change nothing. Whatever is not proven a read is one of the others. */
  READ,
  WRITE,
  DELETE,
  /** Runs something whose effect is not known from its text. */
  EXECUTE,
  ADMIN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
