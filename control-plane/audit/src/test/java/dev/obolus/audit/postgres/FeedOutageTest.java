// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is followed while sessions die, the database dies, and writers come and go. */
class FeedOutageTest {
  private static final String LISTENERS =
      "application_name = 'obolus-audit-listener' AND datname = current_database()";

  @TempDir Path folder;

  @Test
  void killedListenerIsReplacedAndNothingIsMissed() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase log = fixture.openReady();
        AuditViews console = AuditViews.open(fixture.settings(TestPostgres.CONSOLE));
        Following follower = new Following(console.feed(), Map.of())) {
      for (int round = 0; round < 3; round++) {
        until(() -> listeners(fixture) == 1);
        Receipt _ = append(log, decided("allow"));
        assertThat(
                asSuperuser(
                    fixture,
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                        + LISTENERS))
            .isTrue();
        Receipt _ = append(log, decided("deny"));
        follower.isWholeTo(get(console.reader().heads()));
      }
      assertThat(follower.ends()).isZero();
    }
  }

  @Test
  void oneSessionListensForAllAndNoneForNobody() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase log = fixture.openReady()) {
      Receipt _ = append(log, decided("allow"));
      try (Following one = new Following(log.feed(), Map.of());
          Following other = new Following(log.feed(), Map.of())) {
        one.waitFor(2);
        other.waitFor(2);
        until(() -> listeners(fixture) == 1);
      }
      until(() -> listeners(fixture) == 0);
    }
  }

  @Test
  void whoFollowsGoesOnAfterTheDatabaseDied() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    Queue<Receipt> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicBoolean loading = new AtomicBoolean(true);
    try (AuditDatabase log = fixture.openReady();
        AuditViews console = AuditViews.open(fixture.settings(TestPostgres.CONSOLE));
        Following here = new Following(log.feed(), Map.of());
        Following there = new Following(console.feed(), Map.of())) {
      var load =
          Flux.range(0, 8)
              .flatMap(caller ->
                  Mono.defer(() -> log.log().append(decided("allow")))
                      .doOnNext(acknowledged::add)
                      .hasElement()
                      .onErrorResume(
                          LogUnavailable.class,
                          refusal -> Mono.delay(Duration.ofMillis(20)).thenReturn(false))
                      .repeat(loading::get))
              .subscribe();
      until(() -> acknowledged.size() > 200);
      server.kill();
      until(() -> !log.log().ready());
      int before = acknowledged.size();
      try (PostgresServer again =
          PostgresServer.start(
              server.dataDir(),
              server.port(),
              server.dataDir().resolveSibling("postgres.password"))) {
        assertThat(again.pid()).isPositive();
        until(() -> acknowledged.size() > before + 100);
        loading.set(false);
        until(load::isDisposed);
        Map<ChainId, Long> heads = get(console.reader().heads());
        here.isWholeTo(heads);
        there.isWholeTo(heads);
        assertThat(
                there.told().stream()
                    .map(told -> new Receipt(told.chain(), told.seq(), told.leaf().hex())))
            .containsAll(acknowledged);
        assertThat(log.log().close(Duration.ofSeconds(20)).join()).isTrue();
      }
    }
  }

  private static long listeners(LogFixture fixture) {
    try (Connection superuser = fixture.database().asSuperuser();
        Statement statement = superuser.createStatement();
        var row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND " + LISTENERS)) {
      return row.next() ? row.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean asSuperuser(LogFixture fixture, String query) throws SQLException {
    try (Connection superuser = fixture.database().asSuperuser();
        Statement statement = superuser.createStatement()) {
      return statement.execute(query);
    }
  }
}
