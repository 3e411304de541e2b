// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

/** Something that the person at the terminal can mend; its message is the whole explanation. */
final class DemoFault extends Exception {
  private static final long serialVersionUID = 1L;

  DemoFault(String sentence) {
    super(sentence);
  }

  DemoFault(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  int exitCode() {
    return 3;
  }
}
