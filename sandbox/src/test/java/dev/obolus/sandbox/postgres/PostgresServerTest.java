// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {
  @TempDir Path folder;

  @Test
  void durableSettingsAndPasswordsAreOn() throws Exception {
    TestPostgres.Database database = TestPostgres.fresh();
    try (Connection connection = database.as(TestPostgres.OWNER)) {
      for (String setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
        assertThat(show(connection, setting)).as(setting).isEqualTo("on");
      }
      assertThat(show(connection, "data_checksums")).isEqualTo("on");
      assertThat(show(connection, "server_version")).startsWith("18.");
    }
    assertThatThrownBy(() -> database.server().connect(database.name(), TestPostgres.OWNER, "no"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void dataAndPasswordOutliveStopAndKill() throws Exception {
    Path data = folder.resolve("pg");
    Path password = folder.resolve("postgres.password");
    PostgresServer first = PostgresServer.start(data, 0, password);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
    execute(first, "CREATE TABLE kept AS SELECT 42 AS answer");
    first.stop();
    try (PostgresServer second = PostgresServer.start(data, first.port(), password)) {
      execute(second, "INSERT INTO kept VALUES (43)");
      second.kill();
    }
    try (PostgresServer third = PostgresServer.start(data, 0, password);
        Connection connection = third.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT sum(answer) FROM kept")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(85);
    }
  }

  @Test
  void serverLeftByAKilledRunIsStoppedFirst() throws Exception {
    Path data = folder.resolve("pg");
    Path password = folder.resolve("postgres.password");
    PostgresServer leftover = PostgresServer.start(data, 0, password);
    long pid = leftover.pid();
    try (PostgresServer next = PostgresServer.start(data, 0, password)) {
      assertThat(next.pid()).isNotEqualTo(pid);
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  @Test
  void aHalfWrittenFolderIsLeftAloneAndNamed() throws Exception {
    Path data = Files.createDirectory(folder.resolve("pg"));
    Files.writeString(data.resolve("PG_VERSION"), "18\n");
    assertThatThrownBy(() -> PostgresServer.start(data, 0, folder.resolve("password")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(data + " is only part of a PostgreSQL cluster");
    assertThat(data.resolve("PG_VERSION")).hasContent("18");
  }

  @Test
  void aServerThatCouldLoseCommitsIsNotStarted() throws Exception {
    Path data = folder.resolve("pg");
    Path password = folder.resolve("password");
    PostgresServer.start(data, 0, password).stop();
    Files.writeString(data.resolve("postgresql.auto.conf"), "fsync = off\n");
    assertThatThrownBy(() -> PostgresServer.start(data, 0, password))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("fsync off");
    assertThat(data.resolve("postmaster.pid")).doesNotExist();
  }

  private static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String show(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW " + setting)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
