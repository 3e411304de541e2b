// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.gateway.operator.LogVerification;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/** Runs the log's one verifier over the database, on a connection of its own. Blocks. */
final class StoredLogVerification implements LogVerification {
  private static final int READ_SECONDS = 300;

  private final AuditVerifier everything;
  private final AuditVerifier records;
  private final LogConnection database;

  /**
   * @param records for one record, which may be newer than the newest checkpoint
   */
  StoredLogVerification(AuditVerifier everything, AuditVerifier records, LogConnection database) {
    this.everything = everything;
    this.records = records;
    this.database = database;
  }

  @Override
  public Report verify(Optional<Place> place) throws SQLException, IOException {
    try (Connection connection = database.open("obolus-audit-verification", READ_SECONDS)) {
      return report(
          place.isPresent()
              ? records.verify(connection, place.get().chain(), place.get().seq())
              : everything.verify(connection));
    }
  }

  private static Report report(Verification found) {
    return new Report(
        found.state().name().toLowerCase(Locale.ROOT),
        found.keyed(),
        found.records(),
        found.chains(),
        found.firstBad().map(StoredLogVerification::bad),
        found.took().toMillis());
  }

  private static Bad bad(Verification.Bad bad) {
    return new Bad(
        new Place(bad.chain(), bad.seq()),
        bad.fault().name().toLowerCase(Locale.ROOT),
        bad.sentence());
  }
}
