// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.witness.WriteOnceDirectory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log whose signing key was lost or stolen goes on under another. */
class CheckpointKeyChangeTest {
  @TempDir Path folder;
  private LogFixture fixture;
  private SigningKey first;
  private SigningKey second;

  @BeforeEach
  void aLogSignedByItsFirstKey() throws Exception {
    fixture = LogFixture.fresh(folder);
    first = SigningKey.create(folder.resolve("first.key"), "obolus/test", new SecureRandom());
    second = SigningKey.create(folder.resolve("second.key"), "obolus/test", new SecureRandom());
    sign(first, List.of());
  }

  @Test
  void aNewKeyAloneIsNotTakenForTheLogs() throws Exception {
    try (Integrator integrator = start(second, List.of(), Publishing.nowhere())) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .contains("was not signed with this log's key, nor with one before it that is set");
    }
    assertThat(NoteKey.signed(newest(), first.logKeys())).isTrue();
  }

  @Test
  void aNewKeyGoesOnFromWhatTheEarlierOneSigned() throws Exception {
    sign(second, first.logKeys());
    assertThat(NoteKey.signed(newest(), second.logKeys())).isTrue();
    assertThat(NoteKey.count(newest(), first.logKeys())).isZero();
    sign(second, List.of());
  }

  @Test
  void bothPublicKeysVerifyTheWholeLogAndOneAloneNamesWhatTheOtherSigned() throws Exception {
    long last = size("max");
    sign(second, first.logKeys());
    Verification found = verify(first, second);
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(Verification.State.VERIFIED);
    assertThat(verify(second).firstBad().orElseThrow().sentence())
        .contains("the checkpoint of size " + size("min") + " was not signed with the log's keys");
    long next = number("SELECT min(size) FROM obolus.audit_checkpoint WHERE size > " + last);
    assertThat(verify(first).firstBad().orElseThrow().sentence())
        .contains("the checkpoint of size " + next + " was not signed with the log's keys");
  }

  @Test
  void whatTheEarlierKeySignedAndACopyHoldsMustStillBeThere() throws Exception {
    Path copies = folder.resolve("copies");
    String name = "%019d.checkpoint".formatted(size("max"));
    new WriteOnceDirectory(copies).put(name, newest().toString());
    superuser(
        "SET session_replication_role = replica;"
            + " DELETE FROM obolus.audit_checkpoint; DELETE FROM obolus.audit_tree_span");
    Publisher.Targets targets =
        new Publisher.Targets(
            List.of(new WriteOnceDirectory(copies)),
            List.of(),
            List.of(),
            Duration.ofMillis(50),
            Duration.ofHours(1));
    Publishing publishing =
        Publisher.start(() -> fixture.database().as("obolus_gateway"), targets, Clock.systemUTC());
    try (Integrator integrator = start(second, first.logKeys(), publishing)) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("the database was set back");
    }
  }

  @Test
  void anotherLogsKeyIsNoEarlierOne() throws Exception {
    SigningKey foreign =
        SigningKey.create(folder.resolve("other.key"), "obolus/other", new SecureRandom());
    assertThatThrownBy(() -> settings(second, foreign.logKeys()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("obolus/other");
  }

  private void sign(SigningKey key, List<NoteKey> earlier) {
    try (AuditDatabase log = fixture.openReady();
        Integrator integrator = start(key, earlier, Publishing.nowhere())) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      until(
          () -> integrator.state() instanceof IntegratorState.Signing && fixture.uncovered() == 0);
    }
  }

  private Integrator start(SigningKey key, List<NoteKey> earlier, Publishing publishing) {
    return Integrator.start(
        () -> fixture.database().as("obolus_gateway"),
        settings(key, earlier),
        publishing,
        Clock.systemUTC());
  }

  private IntegratorSettings settings(SigningKey key, List<NoteKey> earlier) {
    return new IntegratorSettings(
        key,
        earlier,
        List.of(fixture.root()),
        List.of(),
        Duration.ofMillis(20),
        Duration.ofMinutes(1),
        false);
  }

  private Verification verify(SigningKey... keys) throws Exception {
    List<String> lines =
        Stream.of(keys).flatMap(key -> key.logKeys().stream()).map(NoteKey::toString).toList();
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty()).with(PublicKeys.of(lines)).verify(connection);
    }
  }

  private SignedNote newest() throws SQLException {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new TreeStore(connection).newest().orElseThrow().note();
    }
  }

  private long size(String which) throws SQLException {
    return number("SELECT " + which + "(size) FROM obolus.audit_checkpoint");
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
