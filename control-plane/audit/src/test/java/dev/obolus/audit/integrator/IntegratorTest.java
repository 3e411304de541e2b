// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.Heads;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The integrator on a real database, with a real writer beside it. */
class IntegratorTest {
  @TempDir Path folder;
  private LogFixture fixture;
  private SigningKey key;

  @BeforeEach
  void aLogAndAKey() throws Exception {
    fixture = LogFixture.fresh(folder);
    key = SigningKey.create(folder.resolve("checkpoint.key"), "obolus/test", new SecureRandom());
  }

  @Test
  void everyRecordIsSoonUnderASignedCheckpoint() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start(Duration.ofMinutes(1))) {
      for (int i = 0; i < 300; i++) {
        assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 2);
      }
      until(() -> inTheTree() == 301);
      try (Connection connection = fixture.database().as("obolus_gateway")) {
        TreeStore store = new TreeStore(connection);
        TreeStore.Signed signed = store.newest().orElseThrow();
        assertThat(NoteKey.count(signed.note(), key.logKeys())).isEqualTo(2);
        Checkpoint checkpoint = Checkpoint.parse(signed.note().text());
        assertThat(checkpoint.origin()).isEqualTo("obolus/test");
        assertThat(store.integrated().values()).extracting("seq").containsExactly(301L);
      }
    }
  }

  @Test
  void silenceIsSigned() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Integrator integrator = start(Duration.ofMillis(100))) {
      assertThat(log.log().ready()).isTrue();
      until(() -> sizeOf(integrator) >= 3);
      long before = sizeOf(integrator);
      until(() -> sizeOf(integrator) > before + 1);
    }
  }

  @Test
  void aRestartedIntegratorGoesOnWhereTheLastOneStopped() throws Exception {
    for (int round = 0; round < 3; round++) {
      try (AuditDatabase log = fixture.openReady();
          Integrator integrator = start(Duration.ofMinutes(1))) {
        for (int i = 0; i < 200; i++) {
          assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 2);
        }
        long wanted = round * 202L + 201;
        until(() -> inTheTree() == wanted);
        assertThat(integrator.alarms()).isZero();
      }
    }
  }

  @Test
  void ofTwoOneIsAtWorkAndTheOtherTakesOver() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      Integrator first = start(Duration.ofMillis(100));
      until(() -> sizeOf(first) > 0);
      try (Integrator second = start(Duration.ofMillis(100))) {
        until(() ->
            second.state() instanceof IntegratorState.Standby standby
                && standby.reason().startsWith("another"));
        first.close();
        until(() -> sizeOf(second) > 0);
        assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
        assertThat(second.alarms()).isZero();
      }
    }
  }

  @Test
  void aRowEditedBeforeItIsSignedStopsSigningAndIsNamed() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      assertThat(append(log, decided("deny")).seq()).isEqualTo(3);
    }
    superuser(
        "UPDATE obolus.audit_record SET canonical = set_byte(canonical, 40, 1) WHERE seq = 2");
    try (Integrator integrator = start(Duration.ofMinutes(1))) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("record 2 of chain ")
          .endsWith("does not hash to its leaf");
      assertThat(integrator.alarms()).isEqualTo(1);
    }
    assertThat(count("audit_checkpoint")).isZero();
  }

  @Test
  void aRowWithALeafOfItsOwnWasNotSealedWithTheKey() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
    }
    superuser(
        "UPDATE obolus.audit_record SET canonical = set_byte(canonical, 40, 1),"
            + " leaf = sha256('\\x00'::bytea || set_byte(canonical, 40, 1)) WHERE seq = 2");
    assertThat(reason()).endsWith("was not sealed with the chain's key");
  }

  @Test
  void twoRowsSwappedBeforeTheyAreSignedAreNamed() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      assertThat(append(log, decided("deny")).seq()).isEqualTo(3);
    }
    superuser("UPDATE obolus.audit_record SET seq = 5 - seq + 100 WHERE seq IN (2, 3)");
    superuser("UPDATE obolus.audit_record SET seq = seq - 100 WHERE seq > 100");
    assertThat(reason())
        .startsWith("record 2 of chain ")
        .endsWith("does not follow the record before it");
  }

  @Test
  void aChainCutOffAfterItWasSignedStopsSigning() throws Exception {
    signed();
    superuser("DELETE FROM obolus.audit_record WHERE seq > 2");
    superuser(
        "UPDATE obolus.audit_head h SET seq = 2, mac = (SELECT mac FROM obolus.audit_record r WHERE r.chain = h.chain AND seq = 2)");
    assertThat(reason()).contains("was cut off after record 2");
  }

  @Test
  void aChainDroppedAfterItWasSignedStopsSigning() throws Exception {
    signed();
    superuser("DELETE FROM obolus.audit_record");
    superuser("DELETE FROM obolus.audit_head");
    assertThat(reason()).contains(" is gone");
  }

  @Test
  void aDatabaseSetBackUnderALiveGatewayStopsSigning() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Integrator integrator = start(Duration.ofMillis(100))) {
      assertThat(log.log().ready()).isTrue();
      until(() -> sizeOf(integrator) > 3);
      superuser(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name ="
              + " 'integrator-test' AND datname = current_database();"
              + " DELETE FROM obolus.audit_checkpoint WHERE size > 3;"
              + " DELETE FROM obolus.audit_tree_span WHERE first_index >= 3");
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("the database was set back");
    }
  }

  /** The records of the one chain that are in the tree. */
  private long inTheTree() {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new TreeStore(connection)
          .integrated().values().stream().mapToLong(Heads.Head::seq).sum();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void signed() {
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start(Duration.ofMinutes(1))) {
      for (int i = 0; i < 3; i++) {
        assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 2);
      }
      until(() -> inTheTree() >= 4);
    }
  }

  private String reason() {
    try (Integrator integrator = start(Duration.ofMinutes(1))) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      return ((IntegratorState.Stopped) integrator.state()).reason();
    }
  }

  private Integrator start(Duration beat) {
    return Integrator.start(
        () -> {
          Connection connection = fixture.database().as("obolus_gateway");
          connection.setClientInfo("ApplicationName", "integrator-test");
          return connection;
        },
        new IntegratorSettings(key, List.of(fixture.root()), Duration.ofMillis(50), beat),
        Publishing.nowhere(),
        Clock.systemUTC());
  }

  private static long sizeOf(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Signing signing ? signing.size() : 0;
  }

  private long count(String table) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM obolus." + table)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
