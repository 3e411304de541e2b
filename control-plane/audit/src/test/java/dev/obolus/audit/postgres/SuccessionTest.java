// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.served;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.postgres.Succession.Left;
import dev.obolus.audit.postgres.Succession.Slice;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** What becomes of a chain whose gateway died. */
class SuccessionTest {
  @TempDir Path folder;
  private LogFixture fixture;

  @BeforeEach
  void freshLog() throws Exception {
    fixture = LogFixture.fresh(folder);
  }

  @Test
  void oneOfTwoSuccessorsEndsTheChainAndClosesItsPermits() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      Decided answered = decided("allow");
      Receipt permit = append(gateway.opened(), answered);
      assertThat(append(gateway.opened(), served(answered, permit)).seq()).isEqualTo(3);
      Receipt open = append(gateway.opened(), decided("allow"));
      assertThat(append(gateway.opened(), decided("deny")).seq()).isEqualTo(5);
      assertThat(verify().openPermits()).hasSize(1);
      gateway.die();
      try (AuditDatabase one = fixture.open(fixture.impatient());
          AuditDatabase two = fixture.open(fixture.impatient())) {
        until(() -> count("event = 'tombstone'") > 0);
        until(one.log()::ready);
        until(two.log()::ready);
        assertThat(append(one, decided("deny")).seq()).isPositive();
        assertThat(append(two, decided("deny")).seq()).isPositive();
      }
      Verification found = verify();
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.openPermits()).isEmpty();
      assertThat(count("event = 'tombstone'")).isEqualTo(1);
      assertThat(
              count(
                  "event = 'failed' AND position('outcome_unknown'::bytea in canonical) > 0"
                      + " AND position('\\x"
                      + open.chain()
                      + "'::bytea in canonical) > 0"))
          .isEqualTo(1);
    }
  }

  @Test
  void chainThatASessionHoldsIsNotEnded() throws Exception {
    try (AuditDatabase alive = fixture.openReady()) {
      Receipt receipt = append(alive, decided("allow"));
      assertThat(ends(receipt.chain())).isFalse();
      assertThat(append(alive, decided("deny")).seq()).isEqualTo(3);
    }
  }

  @Test
  void gatewayThatComesBackToAnEndedChainIsFenced() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      ChainId chain = append(gateway.opened(), decided("deny")).chain();
      gateway.die();
      until(() -> ends(chain));
      gateway.rise();
      Receipt after = appendEventually(gateway.opened());
      assertThat(after.chain()).isNotEqualTo(chain);
      assertThat(count("chain = '\\x" + chain + "'")).isEqualTo(2);
    }
  }

  @Test
  void chainThatIsCalledEndedAndThatNoRecordEndsIsNamed() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      ChainId chain = append(gateway.opened(), decided("deny")).chain();
      gateway.die();
      assertThat(verify().firstBad()).isEmpty();
      until(() -> ends(chain));
      Verification.Bad bad = verify().firstBad().orElseThrow();
      assertThat(bad.fault()).isEqualTo(Fault.ENDED);
      assertThat(bad.chain()).isEqualTo(chain);
      assertThat(bad.seq()).isEqualTo(2);
      assertThat(bad.sentence()).endsWith("and no record ends the chain");
      gateway.rise();
      assertThat(appendEventually(gateway.opened()).chain()).isNotEqualTo(chain);
    }
  }

  @Test
  void recordsAfterATombstoneAreNamed() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      ChainId chain = append(gateway.opened(), decided("deny")).chain();
      gateway.die();
      AuditDatabase successor = fixture.open(fixture.impatient());
      until(() -> count("event = 'tombstone'") == 1);
      successor.close();
      superuser("UPDATE obolus.audit_head SET ended = false WHERE chain = '\\x" + chain + "'");
      gateway.rise();
      assertThat(appendEventually(gateway.opened()).chain()).isEqualTo(chain);
      Verification.Bad bad = verify().firstBad().orElseThrow();
      assertThat(bad.fault()).isEqualTo(Fault.AFTER_CLOSE);
      assertThat(bad.chain()).isEqualTo(chain);
      assertThat(bad.seq()).isEqualTo(3);
    }
  }

  @Test
  void permitThatWasNotSealedIsNotSpokenFor() {
    Bytes nothing = Bytes.of(new byte[32]);
    Head left = new Head(new ChainId(Bytes.of(new byte[16])), 2, nothing);
    Succession.Permit forged =
        new Succession.Permit(
            2,
            fixture.root().id() + "-202611",
            Bytes.of(new byte[] {1}),
            nothing,
            nothing,
            nothing);
    assertThat(
            Succession.words(
                new Left(left, false, Long.MAX_VALUE), List.of(forged), Keyring.of(fixture.root())))
        .containsExactly(new Sealable.Tombstone(left));
  }

  @Test
  void chainMustBeUnheldForTheWholeLeaseAndWhatFailedIsTriedAgainMuchLater() {
    Succession succession = new Succession(Duration.ofSeconds(30));
    Left left = left(2, Long.MAX_VALUE);
    long second = 1_000_000_000L;
    assertThat(succession.due(List.of(left), 0)).isEmpty();
    assertThat(succession.due(List.of(left), 29 * second)).isEmpty();
    assertThat(succession.due(List.of(), 30 * second)).isEmpty();
    assertThat(succession.due(List.of(left), 31 * second)).isEmpty();
    assertThat(succession.due(List.of(left), 60 * second)).isEmpty();
    assertThat(succession.due(List.of(left), 61 * second)).contains(left);
    assertThat(succession.due(List.of(left), 99 * second)).isEmpty();
    assertThat(succession.due(List.of(left), 661 * second)).contains(left);
    succession.done(left);
    assertThat(succession.due(List.of(left), 662 * second)).contains(left);
  }

  @Test
  void chainIsLookedThroughFromItsNewestRecordToItsFirst() {
    assertThat(left(2, Long.MAX_VALUE).slice())
        .extracting(Slice::from, Slice::to)
        .containsExactly(1L, 3L);
    assertThat(left(45_000, Long.MAX_VALUE).slice())
        .extracting(Slice::from, Slice::to)
        .containsExactly(25_001L, 45_001L);
    assertThat(left(45_000, 25_001).slice())
        .extracting(Slice::from, Slice::to)
        .containsExactly(5_001L, 25_001L);
    assertThat(left(45_000, 5_001).slice())
        .extracting(Slice::from, Slice::to)
        .containsExactly(1L, 5_001L);
  }

  private static Left left(long seq, long answeredFrom) {
    return new Left(
        new Head(new ChainId(Bytes.of(new byte[16])), seq, Bytes.of(new byte[32])),
        false,
        answeredFrom);
  }

  @Test
  void databaseThatWasSetBackLeavesARecordOfWhatIsLost() throws Exception {
    try (AuditDatabase opened = fixture.openReady()) {
      ChainId chain = append(opened, decided("deny")).chain();
      assertThat(append(opened, decided("deny")).seq()).isEqualTo(3);
      superuser("DELETE FROM obolus.audit_record WHERE seq = 3");
      superuser(
          "UPDATE obolus.audit_head h SET seq = 2, mac ="
              + " (SELECT mac FROM obolus.audit_record r WHERE r.chain = h.chain AND seq = 2)");
      assertThat(appendEventually(opened).chain()).isNotEqualTo(chain);
      until(() -> count("event = 'recovery'") == 1);
      assertThat(verify().firstBad().orElseThrow().fault()).isEqualTo(Fault.TRUNCATED);
    }
  }

  @Test
  void clockThatIsSetLeavesARecord() throws Exception {
    SteppedClock set = new SteppedClock();
    try (AuditDatabase opened =
        AuditDatabase.open(
            fixture.settings(TestPostgres.GATEWAY),
            fixture.logSettings(),
            fixture.root(),
            fixture.encryption(),
            new SecureRandom(),
            set)) {
      until(opened.log()::ready);
      assertThat(append(opened, decided("deny")).seq()).isEqualTo(2);
      set.step(Duration.ofSeconds(-90));
      until(() -> count("event = 'clock'") == 1);
    }
    assertThat(verify().firstBad()).isEmpty();
  }

  @Test
  void slowCorrectionsOfTheClockAreNotStepsAndSuddenOnesAre() {
    long[] nanos = {0};
    SteppedClock set = new SteppedClock();
    set.stopAt(Instant.parse("2026-11-21T00:00:00Z"));
    ClockWatch watch = new ClockWatch(set, () -> nanos[0]);
    for (int i = 0; i < 50; i++) {
      nanos[0] += 1_000_000_000L;
      set.step(Duration.ofMillis(1_090));
      assertThat(watch.look()).isEmpty();
    }
    nanos[0] += 1_000_000_000L;
    set.step(Duration.ofMillis(1_101));
    assertThat(watch.look()).isPresent();
    assertThat(watch.look()).isEmpty();
  }

  private static Receipt appendEventually(AuditDatabase opened) {
    return Mono.defer(() -> opened.log().append(decided("deny")))
        .retryWhen(reactor.util.retry.Retry.fixedDelay(500, Duration.ofMillis(50)))
        .blockOptional()
        .orElseThrow();
  }

  private boolean ends(ChainId chain) {
    String head =
        "SELECT obolus.audit_end_chain(chain, seq, mac) FROM obolus.audit_head WHERE chain = '\\x"
            + chain
            + "'";
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(head)) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private long count(String where) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT count(*) FROM obolus.audit_record WHERE " + where)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Verification verify() throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
          .verify(connection);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      boolean _ = statement.execute(sql);
    }
  }
}
