// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

/** What must not be signed; the message names the place and what is wrong with it. */
final class Unsound extends Exception {
  private static final long serialVersionUID = 1L;

  Unsound(String sentence) {
    super(sentence, null, false, false);
  }
}
