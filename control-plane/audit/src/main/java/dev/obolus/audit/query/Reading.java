// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

/** What came of reading a text: a query, or where and what is wrong with it. */
public sealed interface Reading {
  record Understood(Query query) implements Reading {}

  /**
   * Not a query.
   *
   * @param from the first character that is meant, from 0
   * @param to the one after the last
   * @param sentence what is wrong; it repeats what was typed, as it was typed
   * @param next what to do
   */
  record Misunderstood(Fault fault, int from, int to, String sentence, String next)
      implements Reading {
    /** Everything but the place. */
    @Override
    public String toString() {
      return fault.code() + ": " + sentence + " " + next;
    }
  }

  /** What can be wrong. The codes are stable. */
  enum Fault {
    TOO_LONG(1),
    TOO_MANY(2),
    NO_KEY(3),
    UNKNOWN_KEY(4),
    NO_VALUE(5),
    BAD_VALUE(6),
    OPEN_QUOTE(7),
    SPAN(8),
    CHARACTER(9),
    UNKNOWN_PERSON(10);

    private final int number;

    Fault(int number) {
      this.number = number;
    }

    /** {@code QRY-001}. */
    public String code() {
      return "QRY-%03d".formatted(number);
    }
  }
}
