// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.operator.LogVerification;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.postgresql.ds.PGSimpleDataSource;

/** Runs the log's one verifier over the database, on a connection of its own. Blocks. */
final class StoredLogVerification implements LogVerification {
  private static final int CONNECT_SECONDS = 5;
  private static final int READ_SECONDS = 300;

  private final AuditVerifier verifier;
  private final DatabaseSettings database;

  StoredLogVerification(AuditVerifier verifier, DatabaseSettings database) {
    this.verifier = verifier;
    this.database = database;
  }

  @Override
  public Report verify(Optional<Place> place) throws SQLException, IOException {
    try (Connection connection = connect()) {
      return report(
          place.isPresent()
              ? verifier.verify(connection, place.get().chain(), place.get().seq())
              : verifier.verify(connection));
    }
  }

  private Connection connect() throws SQLException, IOException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {database.host()});
    source.setPortNumbers(new int[] {database.port()});
    source.setDatabaseName(database.database());
    source.setUser(database.username());
    source.setPassword(Files.readString(database.passwordFile()).strip());
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(READ_SECONDS);
    source.setSslMode(
        switch (database.tls()) {
          case VERIFIED -> "verify-full";
          case PLAIN -> "disable";
        });
    source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
    return source.getConnection();
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
