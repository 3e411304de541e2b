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
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
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
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Each permit gets an outcome, however its gateway went. */
class PermitsAnsweredTest {
  private static final String UNKNOWN =
      "event = 'failed' AND position('outcome_unknown'::bytea in canonical) > 0";

  @TempDir Path folder;
  private LogFixture fixture;

  @BeforeEach
  void freshLog() throws Exception {
    fixture = LogFixture.fresh(folder);
  }

  @Test
  void gatewayThatClosesAnswersItsOpenPermitsBeforeItsLastRecord() throws Exception {
    Receipt open;
    try (AuditDatabase gateway = fixture.openReady()) {
      Decided answered = decided("allow");
      Receipt permit = append(gateway, answered);
      open = append(gateway, decided("allow"));
      assertThat(append(gateway, served(answered, permit)).seq()).isEqualTo(4);
    }
    assertThat(count(UNKNOWN + " AND seq = 5 AND chain = '\\x" + open.chain() + "'")).isEqualTo(1);
    assertThat(count("event = 'close' AND seq = 6")).isEqualTo(1);
    assertNothingIsOpen();
    assertThat(unanswered()).isZero();
  }

  @Test
  void oneOfTwoSuccessorsAnswersThePermitsOfAChainThatWasClosed() throws Exception {
    SteppedClock clock = new SteppedClock();
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), clock)) {
      Receipt open = append(gateway.opened(), decided("allow"));
      toNextMonth(clock);
      until(() -> count("event = 'close'") == 1);
      assertThat(append(gateway.opened(), decided("deny")).chain()).isNotEqualTo(open.chain());
      gateway.die();
      try (AuditDatabase one = fixture.open(fixture.impatient());
          AuditDatabase two = fixture.open(fixture.impatient())) {
        until(one.log()::ready);
        until(two.log()::ready);
        until(() -> unanswered() == 2);
      }
    }
    assertThat(count(UNKNOWN)).isEqualTo(1);
    assertThat(count("event = 'tombstone'")).isEqualTo(1);
    assertNothingIsOpen();
  }

  /** As after a migration: nobody has looked through what ended long ago. */
  @Test
  void chainThatLeavesNothingToSayCostsItsSuccessorNothing() throws Exception {
    try (AuditDatabase gateway = fixture.openReady()) {
      assertThat(append(gateway, decided("deny")).seq()).isEqualTo(2);
    }
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE obolus.audit_head SET answered_from = 9223372036854775807"))
          .isEqualTo(1);
    }
    try (AuditDatabase successor = fixture.open(fixture.impatient())) {
      until(successor.log()::ready);
      long session = writersSession();
      until(() -> unanswered() == 1);
      assertThat(append(successor, decided("deny")).seq()).isEqualTo(2);
      assertThat(writersSession()).isEqualTo(session);
    }
  }

  @Test
  void callThatOutlivesTheMonthIsAnsweredByItsOwnGateway() throws Exception {
    SteppedClock clock = new SteppedClock();
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), clock)) {
      Decided call = decided("allow");
      Receipt permit = append(gateway.opened(), call);
      toNextMonth(clock);
      until(() -> count("event = 'close'") == 1);
      Receipt next = append(gateway.opened(), decided("deny"));
      try (AuditDatabase successor = fixture.open(fixture.impatient())) {
        until(successor.log()::ready);
        leaveUnheldFor(successor);
        assertThat(count(UNKNOWN)).isZero();
      }
      Receipt outcome = append(gateway.opened(), served(call, permit));
      assertThat(outcome.chain()).isEqualTo(next.chain()).isNotEqualTo(permit.chain());
    }
    assertThat(count(UNKNOWN)).isZero();
    assertNothingIsOpen();
  }

  /** Its first permit is far from its end: a chain is looked through in parts. */
  @Test
  void permitsAreFoundHoweverFarBackTheyAre() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      Receipt first = append(gateway.opened(), decided("allow"));
      fill(gateway.opened(), Succession.SLICE);
      Receipt last = append(gateway.opened(), decided("allow"));
      assertThat(last.seq() - first.seq()).isGreaterThan(Succession.SLICE);
      gateway.die();
      try (AuditDatabase successor = fixture.open(fixture.impatient())) {
        until(successor.log()::ready);
        until(() -> unanswered() == 1);
        assertThat(count(UNKNOWN)).isEqualTo(2);
      }
    }
    assertThat(count("event = 'tombstone'")).isEqualTo(1);
    assertNothingIsOpen();
  }

  @Test
  void successorThatIsKilledBetweenLeavesAllOfItToTheNext() throws Exception {
    try (Mortal gateway = new Mortal(fixture, folder, fixture.logSettings(), Clock.systemUTC())) {
      Receipt open = append(gateway.opened(), decided("allow"));
      gateway.die();
      try (Mortal first = new Mortal(fixture, folder, fixture.impatient(), Clock.systemUTC())) {
        try (Connection connection = fixture.database().asSuperuser();
            Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          boolean _ = statement.execute("LOCK TABLE obolus.audit_record IN SHARE MODE");
          // it has ended the chain, in a transaction that now waits to add what it says of it
          until(() -> waitsToAdd());
          first.die();
          connection.rollback();
        }
        assertThat(count(UNKNOWN)).isZero();
        assertThat(count("event = 'tombstone'")).isZero();
        assertThat(unanswered()).isEqualTo(2);
        try (AuditDatabase next = fixture.open(fixture.impatient())) {
          until(() -> unanswered() == 1);
          assertThat(next.log().ready()).isTrue();
        }
      }
      assertThat(count(UNKNOWN)).isEqualTo(1);
      assertThat(
              count(
                  "position('\\x"
                      + open.chain()
                      + "'::bytea in canonical) > 0 AND event = 'failed'"))
          .isEqualTo(1);
    }
    assertThat(count("event = 'tombstone'")).isEqualTo(2);
    assertNothingIsOpen();
  }

  @Test
  void ofVeryManyOpenPermitsTheOldestAreLeftToASuccessor() {
    OpenPermits permits = new OpenPermits(4_000);
    Chain chain =
        new Chain("obolus/test", 202611, fixture.root(), new SecureRandom(), Clock.systemUTC());
    EventQueue queue = new EventQueue(9);
    for (int i = 0; i < 5; i++) {
      assertThat(queue.leave(decided("allow"), new Unsealed())).isTrue();
    }
    Sealing sealing = new Sealing(chain, fixture.logSettings());
    sealing.fill(queue);
    permits.note(chain.id(), sealing.batch());
    assertThat(permits.unknown()).hasSizeBetween(1, 4);
    assertThat(permits.isComplete(chain.id())).isFalse();
    assertThat(permits.isAnswered(chain.id())).isFalse();
  }

  /** Hides nothing. */
  private static final class Unsealed implements ValueSeal {
    @Override
    public String pseudonym() {
      return "p-00112233445566778899aabbccddeeff";
    }

    @Override
    public List<Bytes> keys() {
      return List.of(Bytes.of(new byte[32]));
    }

    @Override
    public RecordSeal at(ChainId chain, long seq) {
      return (_, _, salted) -> salted;
    }
  }

  /** Until the successor has looked around for longer than a lease lasts. */
  private void leaveUnheldFor(AuditDatabase successor) {
    Instant end = Instant.now().plus(fixture.impatient().lease().multipliedBy(3));
    until(() -> Instant.now().isAfter(end));
    assertThat(successor.log().ready()).isTrue();
  }

  private static void toNextMonth(SteppedClock clock) {
    Instant next =
        YearMonth.now(ZoneOffset.UTC)
            .plusMonths(1)
            .atDay(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    clock.step(Duration.between(Instant.now(), next.plusSeconds(60)));
  }

  private static void fill(AuditDatabase opened, long records) {
    assertThat(
            Flux.range(0, Math.toIntExact(records))
                .flatMap(_ -> opened.log().append(decided("deny")), 1_000)
                .count()
                .blockOptional(Duration.ofMinutes(2)))
        .contains(records);
  }

  private boolean waitsToAdd() {
    return number(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'obolus-audit-%'"
                + " AND wait_event_type = 'Lock' AND query LIKE 'COPY%'")
        > 0;
  }

  private long writersSession() {
    return number(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name ~ '^obolus-audit-[0-9a-f]{16}$'");
  }

  /** The chains that may have a permit without an outcome. */
  private long unanswered() {
    return number("SELECT count(*) FROM obolus.audit_head WHERE answered_from > 1");
  }

  private long count(String where) {
    return number("SELECT count(*) FROM obolus.audit_record WHERE " + where);
  }

  private long number(String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertNothingIsOpen() throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.openPermits()).isEmpty();
    }
  }
}
