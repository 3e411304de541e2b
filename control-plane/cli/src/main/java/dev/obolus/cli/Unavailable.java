// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

/** Something that is needed cannot be reached or read; the message is the whole explanation. */
final class Unavailable extends Exception {
  private static final long serialVersionUID = 1L;

  Unavailable(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  Unavailable(String sentence) {
    super(sentence);
  }
}
