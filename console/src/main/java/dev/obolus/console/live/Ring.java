// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Searchable;
import dev.obolus.console.reading.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The newest lines of the log, so many and no more. */
final class Ring {
  private final Line[] lines;
  private long position;

  Ring(int size) {
    this.lines = new Line[size];
  }

  /**
   * A line of the tail.
   *
   * @param tenants that it tells of: whoever may not see all of them does not see it
   * @param asked what queries look at
   * @param sealed as the record has it
   * @param told the same with who and what from its decision: what is shown
   */
  record Line(Set<String> tenants, Searchable asked, Entry sealed, Entry told) {}

  synchronized void add(Line line) {
    lines[(int) (position % lines.length)] = line;
    position++;
  }

  /** How many lines there have been. */
  synchronized long position() {
    return position;
  }

  /** The lines from one position to another, oldest first; empty where some have gone. */
  synchronized Optional<List<Line>> between(long from, long to) {
    if (from < 0 || from > to || to > position || from < position - lines.length) {
      return Optional.empty();
    }
    var between = new ArrayList<Line>();
    for (long i = from; i < to; i++) {
      between.add(lines[(int) (i % lines.length)]);
    }
    return Optional.of(between);
  }
}
