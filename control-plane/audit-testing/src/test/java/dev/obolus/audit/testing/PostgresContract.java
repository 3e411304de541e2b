// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import dev.obolus.audit.AuditLog;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** The contract on PostgreSQL, wherever that runs. */
abstract class PostgresContract extends AuditLogContract {
  @TempDir Path folder;
  private Place database;
  private AuditDatabase opened;

  /** An empty database owned by {@code obolus_owner}, with the three roles. */
  abstract Place place() throws Exception;

  record Place(String host, int port, String database) {
    String url() {
      return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }
  }

  @BeforeEach
  void open() throws Exception {
    database = place();
    String _ = DatabaseMigration.migrate(database.url(), TestPostgres.OWNER, TestPostgres.OWNER);
    Path password = folder.resolve("gateway.password");
    Files.writeString(password, TestPostgres.GATEWAY);
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    opened =
        AuditDatabase.open(
            new DatabaseSettings(
                database.host(),
                database.port(),
                database.database(),
                TestPostgres.GATEWAY,
                password,
                DatabaseSettings.Tls.PLAIN),
            LogSettings.defaults("obolus/test", Map.of()),
            RootKey.create(folder.resolve("root.key"), new SecureRandom()),
            FileKeyEncryption.create(folder.resolve("value.key"), new SecureRandom()),
            new SecureRandom(),
            Clock.systemUTC());
    while (!opened.log().ready()) {
      Mono.delay(Duration.ofMillis(10)).block();
    }
  }

  @AfterEach
  void close() {
    opened.close();
  }

  @Override
  protected AuditLog log() {
    return opened.log();
  }

  @Override
  protected List<String> written() {
    try (Connection connection =
            DriverManager.getConnection(
                database.url(), TestPostgres.CONSOLE, TestPostgres.CONSOLE);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT event FROM obolus.audit_log WHERE event <> 'open' ORDER BY seq")) {
      List<String> events = new ArrayList<>();
      while (rows.next()) {
        events.add(rows.getString(1));
      }
      return events;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
