// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * A session that listens and does not take what it is sent: PostgreSQL keeps every notification for
 * it, in a queue that is the whole cluster's, and refuses the commits of who notifies once that is
 * full. Of audit commits it refuses none.
 */
class WedgedListenerTest {
  private static final int RECORDS = 300;

  @TempDir Path folder;

  @Test
  void listenerInAnOpenTransactionCostsNoRecordAndNoCommit() throws Exception {
    try (PostgresServer server = smallQueue()) {
      LogFixture fixture = LogFixture.on(server, folder);
      try (Connection wedged = fixture.database().as(TestPostgres.CONSOLE);
          Statement listening = wedged.createStatement()) {
        assertThat(listening.execute("LISTEN obolus_audit")).isFalse();
        wedged.setAutoCommit(false);
        assertThat(listening.execute("SELECT seq FROM obolus.audit_chain")).isTrue();
        fillQueue(fixture);
        everythingIsWrittenAndTold(fixture);
      }
    }
  }

  /** Its socket is full, so that the server waits for it in the middle of a message. */
  @Test
  void listenerThatNeverReadsCostsNoRecordAndNoCommit() throws Exception {
    try (PostgresServer server = smallQueue()) {
      LogFixture fixture = LogFixture.on(server, folder);
      try (Connection wedged = fixture.database().as(TestPostgres.CONSOLE);
          Statement listening = wedged.createStatement()) {
        assertThat(listening.execute("LISTEN obolus_audit")).isFalse();
        fillQueue(fixture);
        everythingIsWrittenAndTold(fixture);
      }
    }
  }

  private static PostgresServer smallQueue() throws Exception {
    PostgresServer server = TestPostgres.own();
    try (Connection superuser = server.connect("postgres");
        Statement statement = superuser.createStatement()) {
      assertThat(statement.execute("ALTER SYSTEM SET max_notify_queue_pages = 64")).isFalse();
    }
    server.stop();
    return PostgresServer.start(
        server.dataDir(), server.port(), server.dataDir().resolveSibling("postgres.password"));
  }

  /** Until notifying fails, for whoever does. */
  private static void fillQueue(LogFixture fixture) throws SQLException {
    try (Connection flooding = fixture.database().as(TestPostgres.CONSOLE);
        PreparedStatement notify =
            flooding.prepareStatement("SELECT pg_notify('obolus_audit', ?)")) {
      notify.setString(1, "x".repeat(7_900));
      until(() -> refused(notify));
    }
  }

  private static boolean refused(PreparedStatement notify) {
    try {
      for (int i = 0; i < 100; i++) {
        boolean _ = notify.execute();
      }
      return false;
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains("too many notifications in the NOTIFY queue");
      return true;
    }
  }

  private static void everythingIsWrittenAndTold(LogFixture fixture) throws Exception {
    try (AuditDatabase log = fixture.openReady();
        AuditViews console = AuditViews.open(fixture.settings(TestPostgres.CONSOLE));
        Following here = new Following(log.feed(), Map.of());
        Following there = new Following(console.feed(), Map.of())) {
      List<Receipt> receipts =
          get(
              Flux.range(0, RECORDS)
                  .flatMap(_ -> log.log().append(decided("deny")), 16)
                  .collectList());
      Map<ChainId, Long> heads = get(console.reader().heads());
      assertThat(receipts).hasSize(RECORDS);
      assertThat(heads.values()).containsExactly(RECORDS + 1L);
      here.isWholeTo(heads);
      there.isWholeTo(heads);
    }
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.records()).isEqualTo(RECORDS + 2);
    }
  }
}
