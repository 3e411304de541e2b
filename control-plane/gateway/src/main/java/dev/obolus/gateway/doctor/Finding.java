// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param what in a few words
 * @param sentence what was found; no secret, and no word of a token but its audience
 * @param remedy what to do; empty where nothing is to be done
 */
record Finding(Severity severity, String what, String sentence, String remedy) {

  /** How bad, from the least to the worst. */
  enum Severity {
    OK(0),
    WARNING(1),
    FAULT(2);

    private final int exitCode;

    Severity(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(String what, String sentence) {
    return new Finding(Severity.OK, what, sentence, "");
  }

  static Finding warning(String what, String sentence, String remedy) {
    return new Finding(Severity.WARNING, what, sentence, remedy);
  }

  static Finding fault(String what, String sentence, String remedy) {
    return new Finding(Severity.FAULT, what, sentence, remedy);
  }
}
