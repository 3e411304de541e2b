// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import java.util.List;

/** How the log stands. */
public sealed interface LogState {

  /** The chain is open and the database safe. */
  record Ready(ChainId chain) implements LogState {}

  /**
   * Nothing can be written; the log keeps trying.
   *
   * @param reasons in words, for an operator
   */
  record Unavailable(List<String> reasons) implements LogState {}

  record Closed() implements LogState {}
}
