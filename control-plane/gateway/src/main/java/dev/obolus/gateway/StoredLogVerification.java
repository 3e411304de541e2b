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

  private final AuditVerifier verifier;
  private final LogConnection database;

  StoredLogVerification(AuditVerifier verifier, LogConnection database) {
    this.verifier = verifier;
    this.database = database;
  }

  @Override
  public Report verify(Optional<Place> place) throws SQLException, IOException {
    try (Connection connection = database.open("obolus-audit-verification", READ_SECONDS)) {
      return report(
          place.isPresent()
              ? verifier.verify(connection, place.get().chain(), place.get().seq())
              : verifier.verify(connection));
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
