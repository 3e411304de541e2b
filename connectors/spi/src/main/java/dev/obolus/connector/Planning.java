// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import dev.obolus.terms.ResourceName;
import java.util.Optional;

/** The outcome of planning. */
public sealed interface Planning {

  record Planned(AccessPlan plan) implements Planning {}

  /**
   * The arguments make no plan.
   *
   * @param pointer a JSON pointer into the request's arguments, such as {@code /columns/2}
   * @param about the resource whose names {@code detail} gives away; told only to a caller for whom
   *     a decision shows that resource. Empty where the detail tells only what the caller wrote.
   * @param detail a sentence for a human
   */
  record Unplannable(String pointer, Fault fault, Optional<ResourceName> about, String detail)
      implements Planning {}

  /** What is wrong with an argument. */
  enum Fault {
    MISSING,
    UNKNOWN_ARGUMENT,
    WRONG_TYPE,
    OUT_OF_RANGE,
    /** A table that the connector does not list. */
    UNKNOWN_RESOURCE,
    UNKNOWN_COLUMN,
    UNSUPPORTED
  }
}
