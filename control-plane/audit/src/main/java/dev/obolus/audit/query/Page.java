// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import dev.obolus.audit.AuditRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Records that match, newest first.
 *
 * @param older where the next page begins, towards the beginning of the log
 * @param newer where it begins in the other direction
 * @param searchedTo set when the search was stopped before it was through: how far it came
 */
public record Page(
    List<AuditRecord> records,
    Optional<Cursor> older,
    Optional<Cursor> newer,
    Optional<Instant> searchedTo) {
  public Page {
    records = List.copyOf(records);
  }

  /** Where a page begins. */
  public sealed interface Start {
    /** At the end of the log. */
    record Newest() implements Start {}

    /** Right before this place. */
    record OlderThan(Cursor place) implements Start {}

    /** Right after this place. */
    record NewerThan(Cursor place) implements Start {}
  }
}
