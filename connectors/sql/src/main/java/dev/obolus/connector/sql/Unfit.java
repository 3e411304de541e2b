// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.terms.ResourceName;
import java.util.Optional;

/** Ends a planning from wherever the fault is found; the planner's entry turns it into a value. */
final class Unfit extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Planning.Unplannable answer;

  Unfit(String pointer, Fault fault, Optional<ResourceName> about, String detail) {
    super(fault.name(), null, false, false);
    this.answer = new Planning.Unplannable(pointer, fault, about, detail);
  }

  static Unfit argument(String pointer, Fault fault, String detail) {
    return new Unfit(pointer, fault, Optional.empty(), detail);
  }

  static Unfit type(String pointer, String wanted) {
    return argument(pointer, Fault.WRONG_TYPE, "This is to be " + wanted + ".");
  }

  /** An invented name and a real one that is not listed look alike. */
  static Unfit resource(String pointer, String name) {
    return new Unfit(pointer, Fault.UNKNOWN_RESOURCE, named(name), "There is no such table here.");
  }

  static Unfit column(String pointer, Table table) {
    return new Unfit(
        pointer, Fault.UNKNOWN_COLUMN, Optional.of(table.name()), "The table has no such column.");
  }

  /** A fault that shows what a column of the table is like. */
  static Unfit ofTable(String pointer, Fault fault, Table table, String detail) {
    return new Unfit(pointer, fault, Optional.of(table.name()), detail);
  }

  /**
   * The same fault, found after this table was: that it came so far shows that the table exists.
   */
  Unfit about(Table table) {
    return new Unfit(answer.pointer(), answer.fault(), Optional.of(table.name()), answer.detail());
  }

  Planning.Unplannable answer() {
    return answer;
  }

  private static Optional<ResourceName> named(String name) {
    try {
      return Optional.of(new ResourceName(name));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
