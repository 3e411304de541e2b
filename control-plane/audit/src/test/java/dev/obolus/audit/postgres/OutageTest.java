// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class OutageTest {
  @TempDir Path folder;

  @Tag("long")
  @RepeatedTest(20)
  void norIsItHoweverOftenTheDatabaseDies() throws Exception {
    dieUnderLoad();
  }

  @Test
  void nothingAcknowledgedIsLostWhenTheDatabaseDiesUnderLoad() throws Exception {
    dieUnderLoad();
  }

  private void dieUnderLoad() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    Queue<Receipt> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicLong refused = new AtomicLong();
    AtomicBoolean loading = new AtomicBoolean(true);
    try (AuditDatabase opened = fixture.openReady()) {
      Disposable load =
          Flux.range(0, 16)
              .flatMap(caller ->
                  Mono.defer(() -> opened.log().append(decided("allow")))
                      .doOnNext(acknowledged::add)
                      .hasElement()
                      .onErrorResume(
                          LogUnavailable.class,
                          refusal -> {
                            refused.incrementAndGet();
                            return Mono.delay(Duration.ofMillis(20)).thenReturn(false);
                          })
                      .repeat(loading::get))
              .subscribe();
      until(() -> acknowledged.size() > 500);
      server.kill();
      until(() -> refused.get() > 50 && !opened.log().ready());
      int before = acknowledged.size();
      PostgresServer again =
          PostgresServer.start(
              server.dataDir(),
              server.port(),
              server.dataDir().resolveSibling("postgres.password"));
      assertThat(again.port()).isEqualTo(server.port());
      until(() -> acknowledged.size() > before + 200);
      loading.set(false);
      until(load::isDisposed);
    }
    assertThat(refused).hasPositiveValue();
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      for (Receipt receipt : acknowledged) {
        assertThat(leaf(connection, receipt)).isEqualTo(receipt.leaf());
      }
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.records()).isGreaterThanOrEqualTo(acknowledged.size());
    } finally {
      server.stop();
    }
  }

  @Test
  void withoutADatabaseNothingIsTakenAndTheLogComesUpByItself() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    server.stop();
    try (AuditDatabase opened = fixture.open()) {
      assertRefused(opened, LogUnavailable.Cause.DATABASE);
      try (PostgresServer again =
          PostgresServer.start(
              server.dataDir(),
              server.port(),
              server.dataDir().resolveSibling("postgres.password"))) {
        assertThat(again.pid()).isPositive();
        until(opened.log()::ready);
        assertThat(append(opened, decided("allow")).seq()).isEqualTo(2);
        assertThat(opened.log().close(Duration.ofSeconds(20)).join()).isTrue();
      }
      assertRefused(opened, LogUnavailable.Cause.CLOSED);
    }
  }

  @Test
  void lostConnectionIsMadeAnewAndTheChainGoesOn() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady()) {
      Receipt before = append(opened, decided("allow"));
      asSuperuser(
          fixture,
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
              + " WHERE application_name LIKE 'obolus-audit-%' AND datname = current_database()");
      Receipt after = appendEventually(opened);
      assertThat(after.chain()).isEqualTo(before.chain());
      assertThat(after.seq()).isEqualTo(before.seq() + 1);
    }
  }

  /** What became of the request is on record, though the first commit of it never happened. */
  @Test
  void whatACallerLeftBehindOutlivesACommitThatWasLost() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady();
        Connection holder = fixture.database().asSuperuser();
        Statement holding = holder.createStatement()) {
      Decided permit = decided("allow");
      Receipt receipt = append(opened, permit);
      holder.setAutoCommit(false);
      boolean _ = holding.execute("SELECT seq FROM obolus.audit_head FOR UPDATE");
      opened.log().offer(LogFixture.served(permit, receipt));
      until(() -> number(fixture, SESSIONS + " AND wait_event_type = 'Lock'") == 1);
      asSuperuser(fixture, SESSIONS.replace("count(*)", "count(pg_terminate_backend(pid, 5000))"));
      holder.rollback();
      until(() ->
          number(fixture, "SELECT count(*) FROM obolus.audit_record WHERE event = 'served'") == 1);
    }
  }

  private static final String SESSIONS =
      "SELECT count(*) FROM pg_stat_activity"
          + " WHERE application_name LIKE 'obolus-audit-%' AND datname = current_database()";

  private static long number(LogFixture fixture, String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void chainThatSomebodyElseMovedIsLeftForANewOne() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady()) {
      Receipt before = append(opened, decided("allow"));
      asSuperuser(fixture, "UPDATE obolus.audit_head SET mac = sha256(mac)");
      assertRefused(opened, LogUnavailable.Cause.FENCED);
      Receipt after = appendEventually(opened);
      assertThat(after.chain()).isNotEqualTo(before.chain());
    }
  }

  @Test
  void writerRefusesADatabaseThatIsUnsafe() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    String role = TestPostgres.GATEWAY;
    assertUnsafe(
        fixture,
        "GRANT UPDATE ON obolus.audit_record TO " + role,
        "REVOKE UPDATE ON obolus.audit_record FROM " + role,
        "change or delete");
    assertUnsafe(
        fixture,
        "GRANT UPDATE (seq) ON obolus.audit_head TO " + role,
        "REVOKE UPDATE (seq) ON obolus.audit_head FROM " + role,
        "heads of chains");
    assertUnsafe(
        fixture,
        "ALTER TABLE obolus.audit_record DISABLE TRIGGER audit_advance_head",
        "ALTER TABLE obolus.audit_record ENABLE TRIGGER audit_advance_head",
        "trigger");
    assertUnsafe(
        fixture,
        "UPDATE obolus.flyway_schema_history SET version = '202001010000' WHERE version IS NOT NULL",
        "UPDATE obolus.flyway_schema_history SET version = '"
            + SafetyCheck.REQUIRED_SCHEMA
            + "' WHERE version IS NOT NULL",
        "obolus migrate");
  }

  @Test
  void writerRefusesARoleThatMayChangeMoreThanItsOwn() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    for (String right : MORE_THAN_ITS_OWN) {
      String object = right.substring(right.lastIndexOf('.') + 1);
      assertUnsafe(
          fixture,
          "GRANT " + right + " TO " + TestPostgres.GATEWAY,
          "REVOKE " + right + " FROM " + TestPostgres.GATEWAY,
          object.replaceFirst("\\(.*", ""));
    }
  }

  private static final List<String> MORE_THAN_ITS_OWN =
      List.of(
          "UPDATE ON obolus.audit_tile",
          "UPDATE (note) ON obolus.audit_checkpoint",
          "DELETE ON obolus.audit_tree_span",
          "TRUNCATE ON obolus.audit_cosignature",
          "TRIGGER ON obolus.audit_timestamp",
          "UPDATE (answer) ON obolus.audit_key_request",
          "DELETE ON obolus.audit_prune_note",
          "UPDATE (created_at) ON obolus.audit_value_key",
          "DELETE ON obolus.audit_value_key",
          "UPDATE ON obolus.flyway_schema_history",
          "UPDATE (seq) ON obolus.audit_chain",
          "INSERT ON obolus.audit_log",
          "EXECUTE ON FUNCTION obolus.audit_prune(bytea, bigint)");

  @Test
  void durabilitySwitchedOffUnderALiveSessionStopsTheLog() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    LogSettings usual = fixture.logSettings();
    LogSettings often =
        new LogSettings(
            usual.origin(),
            usual.opened(),
            usual.queue(),
            usual.batch(),
            usual.recordBytes(),
            usual.patience(),
            usual.commitTimeout(),
            Duration.ofMillis(200),
            false);
    try (AuditDatabase opened = fixture.open(often)) {
      until(opened.log()::ready);
      asSuperuser(fixture, "ALTER SYSTEM SET fsync = off");
      asSuperuser(fixture, "SELECT pg_reload_conf()");
      until(() -> !opened.log().ready());
      assertRefused(opened, LogUnavailable.Cause.DATABASE);
      until(() -> opened.log().state().toString().contains("fsync is off"));
      asSuperuser(fixture, "ALTER SYSTEM RESET fsync");
      asSuperuser(fixture, "SELECT pg_reload_conf()");
      assertThat(appendEventually(opened).seq()).isPositive();
    } finally {
      server.stop();
    }
  }

  private void assertUnsafe(LogFixture fixture, String damage, String repair, String reason)
      throws SQLException {
    asSuperuser(fixture, damage);
    try (AuditDatabase opened = fixture.open()) {
      until(() -> opened.log().state().toString().contains(reason));
      assertThat(opened.log().ready()).isFalse();
      asSuperuser(fixture, repair);
      until(opened.log()::ready);
    }
  }

  private static Receipt appendEventually(AuditDatabase opened) {
    return Mono.defer(() -> opened.log().append(decided("allow")))
        .retryWhen(reactor.util.retry.Retry.fixedDelay(500, Duration.ofMillis(50)))
        .blockOptional()
        .orElseThrow();
  }

  private static void assertRefused(AuditDatabase opened, LogUnavailable.Cause cause) {
    assertThatThrownBy(() -> append(opened, decided("allow")))
        .isInstanceOfSatisfying(
            LogUnavailable.class, refusal -> assertThat(refusal.why()).isEqualTo(cause));
  }

  private static String leaf(Connection connection, Receipt receipt) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT encode(leaf, 'hex') FROM obolus.audit_record WHERE chain = ? AND seq = ?")) {
      query.setBytes(1, receipt.chain().bytes().toArray());
      query.setLong(2, receipt.seq());
      try (ResultSet row = query.executeQuery()) {
        assertThat(row.next()).as("acknowledged, but not there: %s", receipt).isTrue();
        return row.getString(1);
      }
    }
  }

  private static void asSuperuser(LogFixture fixture, String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
