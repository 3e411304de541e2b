// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers, and every other time their database too, ended by SIGKILL while they write. */
class KillTest {
  @TempDir Path folder;

  @Test
  void nothingThatAClientWasToldIsLostInFiveKills() throws Exception {
    kill(5);
  }

  @Tag("long")
  @Test
  void norIsItInFiftyKills() throws Exception {
    kill(50);
  }

  private void kill(int rounds) throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    Random when = new Random(5);
    List<String> told = new ArrayList<>();
    try {
      for (int round = 0; round < rounds; round++) {
        int before = told.size();
        told.addAll(writeUntilKilled(fixture, 200 + when.nextInt(300), round % 2 == 1));
        assertThat(told.size() - before).isGreaterThanOrEqualTo(200);
      }
      try (AuditDatabase successor = fixture.open(impatient(fixture))) {
        until(() -> openPermits(fixture) == 0);
        assertThat(successor.log().ready()).isTrue();
      }
      try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
        assertThat(missing(connection, told)).isEmpty();
        Verification found = verify(fixture, connection);
        assertThat(found.firstBad()).isEmpty();
        assertThat(found.chains()).isEqualTo(rounds + 1);
        assertThat(found.records()).isGreaterThan(told.size());
      }
    } finally {
      server.stop();
    }
  }

  /** What the client was told before the end: lines that came whole. */
  private static List<String> writeUntilKilled(LogFixture fixture, int enough, boolean databaseToo)
      throws Exception {
    Process writer = KilledWriter.start(fixture);
    Queue<String> told = new ConcurrentLinkedQueue<>();
    Thread client = Thread.ofPlatform().start(() -> listen(writer, told));
    try {
      until(() -> told.size() >= enough || !writer.isAlive());
      PostgresServer server = fixture.database().server();
      if (databaseToo) {
        server.kill();
      }
      Process ended = writer.destroyForcibly();
      assertThat(ended.waitFor()).as("ended by SIGKILL").isEqualTo(137);
      client.join();
      if (databaseToo) {
        PostgresServer again =
            PostgresServer.start(
                server.dataDir(),
                server.port(),
                server.dataDir().resolveSibling("postgres.password"));
        assertThat(again.port()).isEqualTo(server.port());
      }
    } finally {
      Process ended = writer.destroyForcibly();
      assertThat(ended.waitFor()).isPositive();
    }
    return List.copyOf(told);
  }

  private static void listen(Process writer, Queue<String> told) {
    try (BufferedReader lines = writer.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.matches("[0-9a-f]{32} [0-9]+ [0-9a-f]{64}")) {
          assertThat(told.add(line)).isTrue();
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> missing(Connection connection, List<String> told) throws Exception {
    List<String> missing = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT FROM obolus.audit_record WHERE chain = decode(?, 'hex') AND seq = ?"
                + " AND leaf = decode(?, 'hex')")) {
      for (String line : told) {
        String[] receipt = line.split(" ", -1);
        query.setString(1, receipt[0]);
        query.setLong(2, Long.parseLong(receipt[1]));
        query.setString(3, receipt[2]);
        try (ResultSet row = query.executeQuery()) {
          if (!row.next()) {
            missing.add(line);
          }
        }
      }
    }
    return missing;
  }

  private static int openPermits(LogFixture fixture) {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return verify(fixture, connection).openPermits().size();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Verification verify(LogFixture fixture, Connection connection) throws Exception {
    return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
        .verify(connection);
  }

  static LogSettings impatient(LogFixture fixture) {
    LogSettings usual = fixture.logSettings();
    return new LogSettings(
        usual.origin(),
        usual.opened(),
        usual.queue(),
        usual.batch(),
        usual.recordBytes(),
        usual.patience(),
        usual.commitTimeout(),
        java.time.Duration.ofMillis(100),
        false);
  }
}
