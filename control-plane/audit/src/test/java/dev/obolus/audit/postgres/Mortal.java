// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;

/** A gateway whose session ends and that cannot come back until it may. */
final class Mortal implements AutoCloseable {
  private final LogFixture fixture;
  private final Path mine;
  private final Path hidden;
  private final AuditDatabase opened;

  Mortal(LogFixture fixture, Path folder, LogSettings settings, Clock clock) throws Exception {
    this.fixture = fixture;
    this.mine = Files.createTempFile(folder, "mortal", ".password");
    this.hidden = mine.resolveSibling("hidden-" + mine.getFileName());
    assertThat(
            Files.copy(
                folder.resolve(TestPostgres.GATEWAY + ".password"),
                mine,
                StandardCopyOption.COPY_ATTRIBUTES,
                StandardCopyOption.REPLACE_EXISTING))
        .exists();
    DatabaseSettings usual = fixture.settings(TestPostgres.GATEWAY);
    this.opened =
        AuditDatabase.open(
            new DatabaseSettings(
                usual.host(), usual.port(), usual.database(), usual.username(), mine, usual.tls()),
            settings,
            fixture.root(),
            fixture.encryption(),
            new SecureRandom(),
            clock);
    until(opened.log()::ready);
  }

  AuditDatabase opened() {
    return opened;
  }

  /** Ends every gateway's session; the others come back. */
  void die() throws Exception {
    assertThat(Files.move(mine, hidden)).exists();
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ =
          statement.execute(
              "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                  + " WHERE application_name LIKE 'obolus-audit-%'"
                  + " AND datname = current_database()");
    }
    until(() -> !opened.log().ready());
  }

  void rise() throws Exception {
    assertThat(Files.move(hidden, mine)).exists();
  }

  @Override
  public void close() {
    opened.close();
  }
}
