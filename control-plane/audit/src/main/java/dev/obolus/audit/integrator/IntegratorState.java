// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import java.time.Instant;

/** How an integrator stands. */
public sealed interface IntegratorState {

  /**
   * Not signing: another gateway does, or the database does not answer.
   *
   * @param reason in words
   */
  record Standby(String reason) implements IntegratorState {}

  /** Signing; the newest checkpoint's size and time. */
  record Signing(long size, Instant at) implements IntegratorState {}

  /**
   * Something is not as it was sealed or signed: nothing is signed until it is.
   *
   * @param reason a sentence that names the place
   */
  record Stopped(String reason) implements IntegratorState {}
}
