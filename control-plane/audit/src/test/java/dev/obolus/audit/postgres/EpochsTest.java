// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A month's table that is missing stops no record. */
class EpochsTest {
  @TempDir Path folder;

  @Test
  void missingTablesAreToldAndAGatewayMakesThemBeforeItWrites() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    assertThat(missing(fixture)).isEmpty();
    drop(fixture);
    assertThat(missing(fixture)).hasSize(2);
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
    }
    assertThat(missing(fixture)).isEmpty();
  }

  private static List<String> missing(LogFixture fixture) {
    return get(AuditDatabase.missingEpochs(fixture.settings(TestPostgres.GATEWAY)));
  }

  private static void drop(LogFixture fixture) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      for (String epoch : epochs(fixture)) {
        boolean _ = statement.execute("DROP TABLE obolus.audit_record_" + epoch);
      }
    }
  }

  private static List<String> epochs(LogFixture fixture) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        java.sql.ResultSet rows =
            statement.executeQuery(
                "SELECT replace(inhrelid::regclass::text, 'obolus.audit_record_', '') FROM"
                    + " pg_inherits WHERE inhparent = 'obolus.audit_record'::regclass")) {
      List<String> found = new java.util.ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }
}
