// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log from before the search columns is given them from its sealed bytes. */
class SearchColumnsTest {
  private static final String MIGRATION = "V202611211555__audit_search_columns.sql";

  @TempDir Path folder;

  @Test
  void rowsFromBeforeAreGivenTheColumnsAsTheWriterWouldHave() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase log = fixture.openReady()) {
      OddEvents.write(log, 150, new Random(3));
    }
    AuditVerifier verifier =
        new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())));
    try (Connection owner =
            DriverManager.getConnection(
                fixture.database().jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER);
        Statement statement = owner.createStatement();
        Connection auditor = fixture.database().as(TestPostgres.GATEWAY)) {
      boolean _ = statement.execute("SET search_path = obolus");
      boolean _ =
          statement.execute(
              "ALTER TABLE audit_record DROP COLUMN agent CASCADE, DROP COLUMN action CASCADE, DROP"
                  + " COLUMN action_class CASCADE, DROP COLUMN lane CASCADE, DROP COLUMN labels"
                  + " CASCADE, DROP COLUMN purpose CASCADE, DROP COLUMN conversation CASCADE, DROP"
                  + " COLUMN token_id CASCADE, DROP COLUMN revision CASCADE, DROP COLUMN took_us"
                  + " CASCADE; DROP FUNCTION audit_look_back, audit_look_ahead");
      boolean _ = statement.execute(migration());
      Verification found = verifier.verify(auditor);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.records()).isGreaterThan(150);
    }
  }

  private static String migration() throws Exception {
    try (InputStream script =
        Objects.requireNonNull(DatabaseMigration.class.getResourceAsStream(MIGRATION))) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
