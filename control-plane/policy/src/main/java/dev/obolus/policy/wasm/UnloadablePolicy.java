// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

/** A module that is not fit to decide anything: it is not loaded, and what was active stays so. */
public final class UnloadablePolicy extends Exception {
  public UnloadablePolicy(String message) {
    super(message);
  }

  UnloadablePolicy(String message, Throwable cause) {
    super(message, cause);
  }
}
