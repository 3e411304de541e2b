// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that answers and does not get on. */
class BlockedDatabaseTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;

  @Test
  void whatDoesNotFitTheQueueIsRefusedAtOnceAndTheRestIsWrittenWhenItCanBe() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.open(settings(fixture, 2, LONG, LONG));
        Connection holder = blocked(fixture, opened)) {
      List<CompletableFuture<@Nullable Receipt>> told = appended(opened);
      List<CompletableFuture<@Nullable Receipt>> refused = overloaded(told);
      assertThat(refused).hasSizeBetween(4, 6);
      assertThat(told.stream().filter(CompletableFuture::isDone)).hasSameSizeAs(refused);
      holder.rollback();
      until(() -> told.stream().allMatch(CompletableFuture::isDone));
      assertThat(overloaded(told)).hasSameSizeAs(refused);
      assertThat(number(fixture, DENIALS)).isEqualTo(1 + told.size() - refused.size());
    }
  }

  @Test
  void whatWaitedLongerThanItsPatienceIsRefusedAndNeverWritten() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    Duration patience = Duration.ofMillis(300);
    try (AuditDatabase opened = fixture.open(settings(fixture, 100, patience, LONG));
        Connection holder = blocked(fixture, opened)) {
      List<CompletableFuture<@Nullable Receipt>> told = appended(opened);
      assertThat(overloaded(told)).as("they fit").isEmpty();
      // one is under way, and one is sealed to follow it
      until(() -> overloaded(told).size() >= told.size() - 2);
      holder.rollback();
      until(() -> told.stream().allMatch(CompletableFuture::isDone));
      int written = told.size() - overloaded(told).size();
      assertThat(written).isBetween(1, 2);
      assertThat(append(opened, decided("deny")).seq()).isEqualTo(3 + written);
      assertThat(number(fixture, DENIALS)).isEqualTo(2 + written);
    }
  }

  /** Written here, and so slowly that its caller was refused: nobody was called. */
  @Test
  void permitOfUnknownFateThatIsFoundWrittenIsAnsweredAsNotReleased() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    Duration commit = Duration.ofSeconds(2);
    try (AuditDatabase opened = fixture.open(settings(fixture, 100, LONG, commit))) {
      until(opened.log()::ready);
      assertThat(append(opened, decided("deny")).seq()).isEqualTo(2); // keys of values are known
      sql(fixture, "ALTER SYSTEM SET synchronous_standby_names = '*'");
      sql(fixture, "SELECT pg_reload_conf()");
      String permit = refusedWithUnknownFate(opened);
      sql(fixture, "ALTER SYSTEM RESET synchronous_standby_names");
      sql(fixture, "SELECT pg_reload_conf()");
      String of = " WHERE decision_id = '" + permit + "' AND ";
      until(() -> number(fixture, RECORDS + of + "event = 'failed'") == 1);
      assertThat(number(fixture, RECORDS + of + "event = 'decided' AND effect = 'allow'")).isOne();
      assertThat(
              number(
                  fixture,
                  RECORDS
                      + of
                      + "event = 'failed' AND position('audit_unavailable'::bytea in canonical) > 0"
                      + " AND position('not_called'::bytea in canonical) > 0"))
          .isOne();
      Verification found = verify(fixture);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.openPermits()).isEmpty();
    } finally {
      server.stop();
    }
  }

  /** Who counts does not know whether to count again: the log sees to it. */
  @Test
  void countsOfUnknownFateThatAreNotThereAreWrittenOnce() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.open(settings(fixture, 100, LONG, Duration.ofSeconds(2)));
        Connection holder = blocked(fixture, opened)) {
      CompletableFuture<@Nullable Receipt> told =
          opened.log().append(LogFixture.rejected()).toFuture();
      until(told::isDone);
      assertThat(why(told)).contains(LogUnavailable.Cause.UNKNOWN_COMMIT);
      until(() -> !opened.log().ready());
      until(opened.log()::ready); // on another session: what was sent by the one before is lost
      holder.rollback();
      String counts = RECORDS + " WHERE event = 'rejected'";
      until(() -> number(fixture, counts) > 0);
      until(opened.log()::ready);
      assertThat(append(opened, decided("deny")).seq()).isPositive();
      assertThat(number(fixture, counts)).isOne();
    }
  }

  private static final String RECORDS = "SELECT count(*) FROM obolus.audit_record";
  private static final String DENIALS = RECORDS + " WHERE effect = 'deny'";

  /** The permit whose commit waited for a standby that is not there. */
  private static String refusedWithUnknownFate(AuditDatabase opened) {
    for (int i = 0; i < 1000; i++) {
      Decided permit = decided("allow");
      CompletableFuture<@Nullable Receipt> told = opened.log().append(permit).toFuture();
      until(told::isDone);
      if (why(told).filter(LogUnavailable.Cause.UNKNOWN_COMMIT::equals).isPresent()) {
        return permit.decisionId();
      }
    }
    throw new AssertionError("every commit went through");
  }

  private static LogSettings settings(
      LogFixture fixture, int queue, Duration patience, Duration commit) {
    LogSettings usual = fixture.logSettings();
    return new LogSettings(
        usual.origin(),
        usual.opened(),
        queue,
        1,
        usual.recordBytes(),
        patience,
        commit,
        usual.recheck(),
        false);
  }

  /** A session that keeps the chain's head from moving. The key of the values is known by then. */
  private static Connection blocked(LogFixture fixture, AuditDatabase opened) throws SQLException {
    until(opened.log()::ready);
    assertThat(append(opened, decided("deny")).seq()).isEqualTo(2);
    Connection holder = fixture.database().asSuperuser();
    holder.setAutoCommit(false);
    try (Statement holding = holder.createStatement()) {
      boolean _ = holding.execute("SELECT seq FROM obolus.audit_head FOR UPDATE");
    }
    return holder;
  }

  private static List<CompletableFuture<@Nullable Receipt>> appended(AuditDatabase opened) {
    List<CompletableFuture<@Nullable Receipt>> told = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      told.add(opened.log().append(decided("deny")).toFuture());
    }
    return told;
  }

  private static List<CompletableFuture<@Nullable Receipt>> overloaded(
      List<CompletableFuture<@Nullable Receipt>> told) {
    List<CompletableFuture<@Nullable Receipt>> refused = new ArrayList<>();
    for (CompletableFuture<@Nullable Receipt> one : told) {
      if (why(one).filter(LogUnavailable.Cause.OVERLOADED::equals).isPresent()) {
        refused.add(one);
      }
    }
    return refused;
  }

  private static Optional<LogUnavailable.Cause> why(CompletableFuture<@Nullable Receipt> told) {
    return told.isCompletedExceptionally()
            && told.exceptionNow() instanceof LogUnavailable unavailable
        ? Optional.of(unavailable.why())
        : Optional.empty();
  }

  private static Verification verify(LogFixture fixture) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
          .verify(connection);
    }
  }

  private static long number(LogFixture fixture, String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sql(LogFixture fixture, String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
