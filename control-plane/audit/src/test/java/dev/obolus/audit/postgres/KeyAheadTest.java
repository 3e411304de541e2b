// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.issuing.KeyRequest;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that ask for the next month's key before they need it. */
class KeyAheadTest {
  @TempDir Path folder;
  private final SteppedClock clock = new SteppedClock();
  private LogFixture fixture;

  @BeforeEach
  void freshLog() throws Exception {
    fixture = LogFixture.fresh(folder);
  }

  @Test
  void turnOfTheMonthIsPassedWhileTheSignerIsAway() throws Exception {
    TestSigner signer = fixture.signer(clock);
    try (AuditDatabase gateway = open(signer.enrol("gateway-1"))) {
      until(gateway.log()::ready);
      Receipt before = append(gateway, decided("deny"));
      assertThat(gateway.log().lacksNextKey()).as("asked for too early").isFalse();
      assertThat(asked()).isEqualTo(1);
      stepTo(Duration.ofDays(-2));
      until(() -> asked() == 2 && !gateway.log().lacksNextKey());
      signer.close();
      stepTo(Duration.ofSeconds(1));
      until(() -> ended(before));
      until(gateway.log()::ready);
      Receipt after = append(gateway, decided("deny"));
      assertThat(after.chain()).isNotEqualTo(before.chain());
      assertThat(asked()).as("nobody was asked at the turn").isEqualTo(2);
    }
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
    }
  }

  @Test
  void keptKeyOutlivesAnOpeningThatFailsWhileTheSignerIsAway() throws Exception {
    TestSigner signer = fixture.signer(clock);
    try (AuditDatabase gateway = open(signer.enrol("gateway-1"))) {
      until(gateway.log()::ready);
      Receipt before = append(gateway, decided("deny"));
      stepTo(Duration.ofDays(-2));
      until(() -> asked() == 2 && !gateway.log().lacksNextKey());
      signer.close();
      superuser(
          "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS"
              + " 'BEGIN RAISE EXCEPTION ''not now''; END'",
          "CREATE TRIGGER no_more BEFORE INSERT ON obolus.audit_head"
              + " FOR EACH ROW EXECUTE FUNCTION no_more()");
      stepTo(Duration.ofSeconds(1));
      until(() -> ended(before));
      until(() ->
          gateway.log().state() instanceof LogState.Unavailable unavailable
              && unavailable.reasons().toString().contains("opening a chain"));
      superuser("DROP TRIGGER no_more ON obolus.audit_head");
      until(gateway.log()::ready);
      assertThat(append(gateway, decided("deny")).chain()).isNotEqualTo(before.chain());
      assertThat(asked()).as("nobody was asked again").isEqualTo(2);
    }
  }

  @Test
  void missingKeyIsToldWhileTheTurnIsNearAndIsFetchedOnceTheSignerIsBack() throws Exception {
    TestSigner signer = fixture.signer(clock);
    Path enrolment = signer.enrol("gateway-1");
    try (AuditDatabase gateway = open(enrolment)) {
      until(gateway.log()::ready);
      signer.close();
      stepTo(Duration.ofDays(-2));
      until(() -> asked() == 2);
      assertThat(gateway.log().lacksNextKey()).isTrue();
      assertThat(append(gateway, decided("deny")).seq()).as("served all the same").isPositive();
      try (TestSigner again = fixture.signer(clock)) {
        until(() -> !gateway.log().lacksNextKey());
        assertThat(again.integrator().alarms()).isZero();
      }
    }
  }

  @Test
  void keyIsTakenBackFromAGatewayThatIsEnrolledNoMore() throws Exception {
    try (TestSigner signer = fixture.signer(clock)) {
      Path enrolment = signer.enrol("gateway-1");
      try (AuditDatabase gateway = open(enrolment)) {
        until(gateway.log()::ready);
        Receipt before = append(gateway, decided("deny"));
        stepTo(Duration.ofDays(-2));
        until(() -> asked() == 2 && !gateway.log().lacksNextKey());
        Files.delete(enrolment);
        until(() ->
            number("SELECT count(*) FROM obolus.audit_key_request WHERE expires_at = '-infinity'")
                == 1);
        stepTo(Duration.ofSeconds(1));
        until(() -> ended(before));
        until(() ->
            gateway.log().state() instanceof LogState.Unavailable unavailable
                && unavailable.reasons().toString().contains("does not know enrolment"));
      }
      until(() -> number("SELECT count(*) FROM obolus.audit_record WHERE code = 'OBO5002A'") == 1);
      until(() ->
          number(
                  "SELECT count(*) FROM obolus.audit_record WHERE code = 'OBO5001D'"
                      + " AND position('unknown'::bytea IN canonical) > 0")
              == 1);
    }
    assertThat(number("SELECT count(DISTINCT epoch) FROM obolus.audit_head")).isEqualTo(1);
  }

  /** Whoever has an enrolment, or took it, asks on any day. */
  @Test
  void nextMonthsKeyIsNotIssuedSoonerThanDaysBefore() throws Exception {
    stepTo(Duration.ofDays(-6));
    try (TestSigner signer = fixture.signer(clock)) {
      Enrolment enrolment = Enrolment.read(signer.enrol("gateway-1"));
      assertThat(ask(enrolment).refusal()).isEqualTo("early");
      until(() ->
          number(
                  "SELECT count(*) FROM obolus.audit_record WHERE code = 'OBO5001D' AND event ="
                      + " 'key_refused' AND position('gateway-1'::bytea IN canonical) > 0 AND"
                      + " position('early'::bytea IN canonical) > 0")
              == 1);
      assertThat(ask(enrolment).refusal()).isEqualTo("early");
      stepTo(Duration.ofDays(-4));
      assertThat(ask(enrolment).sealed()).isPresent();
    }
    assertThat(number("SELECT count(*) FROM obolus.audit_record WHERE code = 'OBO5001D'"))
        .as("one a minute")
        .isEqualTo(1);
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
    }
  }

  /** For next month's key. */
  private LogSession.Answer ask(Enrolment enrolment) {
    YearMonth next = YearMonth.now(ZoneOffset.UTC).plusMonths(1);
    int epoch = next.getYear() * 100 + next.getMonthValue();
    KeyRequest request = new KeyRequest(enrolment, epoch, new SecureRandom());
    LogSession session =
        get(
            LogSession.open(
                fixture.settings(TestPostgres.GATEWAY),
                "key-ahead-test",
                Optional.empty(),
                new SafetyCheck(false),
                new int[0]));
    try {
      assertThat(get(session.ask(request))).isTrue();
      until(() -> session.answer(request.id()).blockOptional().isPresent());
      return get(session.answer(request.id()));
    } finally {
      assertThat(get(session.close())).isTrue();
    }
  }

  /** Ten days before the month turns. */
  private AuditDatabase open(Path enrolment) throws Exception {
    stepTo(Duration.ofDays(-10));
    return AuditDatabase.open(
        fixture.settings(TestPostgres.GATEWAY),
        fixture.impatient(),
        Enrolment.read(enrolment),
        fixture.encryption(),
        new SecureRandom(),
        clock);
  }

  /** So long after the turn of this month. */
  private void stepTo(Duration after) {
    Instant turn =
        YearMonth.now(ZoneOffset.UTC)
            .plusMonths(1)
            .atDay(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    clock.step(Duration.between(clock.instant(), turn.plus(after)));
  }

  private long asked() {
    return number("SELECT count(*) FROM obolus.audit_key_request");
  }

  private boolean ended(Receipt receipt) {
    return number(
            "SELECT count(*) FROM obolus.audit_head WHERE ended AND chain = '\\x"
                + receipt.chain()
                + "'")
        == 1;
  }

  private void superuser(String... statements) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    }
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
}
