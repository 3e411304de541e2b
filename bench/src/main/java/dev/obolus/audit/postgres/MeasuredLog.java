// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Map;

/** An empty log on a PostgreSQL of its own, thrown away afterwards, with keys of its own. */
final class MeasuredLog implements AutoCloseable {
  private final String origin;
  private final TestPostgres.Database database = TestPostgres.fresh(TestPostgres.own());
  private final Path folder = Files.createTempDirectory("obolus-measured-");
  private final RootKey root = RootKey.create(file("root.key"), new SecureRandom());
  private final KeyEncryption encryption =
      FileKeyEncryption.create(file("value.key"), new SecureRandom());

  MeasuredLog(String origin) throws IOException, SQLException {
    this.origin = origin;
    System.out.println(
        "schema "
            + DatabaseMigration.migrate(
                database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER));
  }

  TestPostgres.Database database() {
    return database;
  }

  RootKey root() {
    return root;
  }

  /** Beside the keys. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** A writer with a chain of its own, ready. */
  AuditDatabase open(int batch) throws IOException, InterruptedException {
    LogSettings usual = LogSettings.defaults(origin, Map.of("purpose", "measuring"));
    AuditDatabase opened =
        AuditDatabase.open(
            settings(TestPostgres.GATEWAY),
            new LogSettings(
                usual.origin(),
                usual.opened(),
                usual.queue(),
                batch,
                usual.recordBytes(),
                usual.patience(),
                usual.commitTimeout(),
                usual.recheck(),
                usual.requireStandby()),
            root,
            encryption,
            new SecureRandom(),
            Clock.systemUTC());
    while (!opened.log().ready()) {
      Thread.sleep(10);
    }
    return opened;
  }

  DatabaseSettings settings(String role) throws IOException {
    Path password = file(role + ".password");
    Files.writeString(password, role);
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    return new DatabaseSettings(
        database.host(),
        database.port(),
        database.name(),
        role,
        password,
        DatabaseSettings.Tls.PLAIN);
  }

  void execute(String... commands) throws SQLException {
    try (Connection superuser = database.asSuperuser();
        Statement statement = superuser.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
    }
  }

  long count(String query) throws SQLException {
    try (Connection superuser = database.asSuperuser();
        Statement statement = superuser.createStatement();
        ResultSet sum = statement.executeQuery(query)) {
      return sum.next() ? sum.getLong(1) : 0;
    }
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
