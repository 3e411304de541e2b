// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.StolenKey;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.issuing.KeyRequest;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import io.r2dbc.spi.R2dbcException;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that hold no root key, and the signer that issues the keys of their chains. */
class IssuedKeysTest {
  @TempDir Path folder;
  private LogFixture fixture;

  @BeforeEach
  void freshLog() throws Exception {
    fixture = LogFixture.fresh(folder);
  }

  @Test
  void chainsUnderIssuedKeysVerifyByTheRootKeyAndByPublicKeys() throws Exception {
    ChainId first;
    ChainId second;
    TestSigner signer = fixture.signer();
    Path enrolment = signer.enrol("gateway-1");
    try (AuditDatabase gateway = fixture.openEnrolled(enrolment)) {
      until(gateway.log()::ready);
      first = append(gateway, decided("allow")).chain();
      assertThat(get(gateway.pseudonyms().of(decided("allow").person().orElseThrow())))
          .hasValueSatisfying(name -> assertThat(name).startsWith("p-"));
    }
    try (AuditDatabase again = fixture.openEnrolled(enrolment)) {
      until(again.log()::ready);
      second = append(again, decided("deny")).chain();
    }
    signer.close();
    Verification keyed = verify(byRoot());
    assertThat(keyed.firstBad()).isEmpty();
    assertThat(keyed.state()).isEqualTo(Verification.State.VERIFIED);
    Verification open = verify(byPublicKeys(signer));
    assertThat(open.firstBad()).isEmpty();
    assertThat(open.state()).isEqualTo(Verification.State.VERIFIED);
    assertThat(count("code = 'OBO5001A' AND position('" + first + "' IN " + TEXT + ") > 0"))
        .isEqualTo(1);
    assertThat(count("code = 'OBO5001A' AND position('gateway-1' IN " + TEXT + ") > 0"))
        .isEqualTo(2);
    assertThat(count("code = 'OBO0001A' AND position('" + first + " ' IN " + TEXT + ") > 0"))
        .as("the second chain names the first as handing over")
        .isPositive();
    assertThat(second).isNotEqualTo(first);
  }

  @Test
  void withoutASignerNothingIsServedAndTheReasonSaysWhatIsMissing() throws Exception {
    Path enrolment;
    try (TestSigner signer = fixture.signer()) {
      enrolment = signer.enrol("gateway-1");
    }
    try (AuditDatabase gateway = fixture.openEnrolled(enrolment)) {
      until(() -> reasons(gateway).contains("is the log's signer running?"));
      assertThatThrownBy(() -> append(gateway, decided("deny")))
          .isInstanceOf(dev.obolus.audit.AuditLog.LogUnavailable.class);
      assertThatThrownBy(() -> get(gateway.pseudonyms().of(decided("deny").person().orElseThrow())))
          .isInstanceOf(dev.obolus.audit.AuditLog.LogUnavailable.class);
      try (TestSigner signer = fixture.signer()) {
        until(gateway.log()::ready);
        assertThat(signer.integrator().alarms()).isZero();
      }
    }
  }

  @Test
  void gatewayThatIsEnrolledNoMoreGetsNoKey() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      Path enrolment = signer.enrol("gateway-1");
      Path kept = Files.copy(enrolment, folder.resolve("kept.key"));
      assertThat(Files.setPosixFilePermissions(kept, Files.getPosixFilePermissions(enrolment)))
          .exists();
      String id = Enrolment.read(kept).id();
      Files.delete(enrolment);
      try (AuditDatabase gateway = fixture.openEnrolled(kept)) {
        until(() -> reasons(gateway).contains("the log's signer does not know enrolment " + id));
      } finally {
        assertThat(count("code = 'OBO5001A'")).isZero();
      }
    }
  }

  @Test
  void answerIsReadByWhoAskedAlone() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      Enrolment enrolment = Enrolment.read(signer.enrol("gateway-1"));
      KeyRequest mine = request(enrolment);
      LogSession.Answer answer = ask(mine);
      KeyRequest thief = request(enrolment);
      assertThat(thief.open(answer.sealed().orElseThrow())).isEmpty();
      assertThat(mine.open(answer.sealed().orElseThrow())).isPresent();
    }
  }

  /** Who has the database's password and has seen requests, but not the secret. */
  @Test
  void requestThatTheSecretDidNotSignIsRefused() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      KeyRequest known = request(Enrolment.read(signer.enrol("gateway-1")));
      KeyRequest forged = request(Enrolment.read(other("gateway-2")));
      try (Connection connection = fixture.database().as(TestPostgres.GATEWAY);
          PreparedStatement ask =
              connection.prepareStatement(
                  "INSERT INTO obolus.audit_key_request (id, enrolment, epoch, public_key, mac)"
                      + " VALUES (?, ?, ?, ?, ?)")) {
        ask.setBytes(1, forged.id().toArray());
        ask.setString(2, known.enrolment());
        ask.setInt(3, forged.epoch());
        ask.setBytes(4, forged.publicKey().toArray());
        ask.setBytes(5, forged.mac().toArray());
        assertThat(ask.executeUpdate()).isEqualTo(1);
      }
      until(() -> text("SELECT count(refusal) FROM obolus.audit_key_request").equals("1"));
      assertThat(text("SELECT refusal FROM obolus.audit_key_request")).isEqualTo("unknown");
      assertThat(count("code = 'OBO5001A'")).isZero();
    }
  }

  @Test
  void requestForAnotherMonthThanThisOrTheNextIsRefused() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      Enrolment enrolment = Enrolment.read(signer.enrol("gateway-1"));
      LogSession.Answer answer = ask(new KeyRequest(enrolment, 200001, new SecureRandom()));
      assertThat(answer.sealed()).isEmpty();
      assertThat(answer.refusal()).isEqualTo("epoch");
    }
  }

  @Test
  void ofTwoSignersOneIssuesAndTheOtherTakesOver() throws Exception {
    TestSigner first = fixture.signer();
    Enrolment enrolment = Enrolment.read(first.enrol("gateway-1"));
    try (TestSigner second = fixture.signer()) {
      for (int i = 0; i < 5; i++) {
        assertThat(ask(request(enrolment)).sealed()).isPresent();
      }
      assertThat(count("code = 'OBO5001A'")).isEqualTo(5);
      first.close();
      assertThat(ask(request(enrolment)).sealed()).isPresent();
      assertThat(count("code = 'OBO5001A'")).isEqualTo(6);
      assertThat(second.integrator().alarms()).isZero();
    }
  }

  @Test
  void issuedKeyOpensItsChainOnce() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      IssuedKey key = issued(Enrolment.read(signer.enrol("gateway-1")));
      assertThat(isOpenable()).isTrue();
      open(key);
      assertThat(isOpenable()).as("so that nobody tries it again").isFalse();
      assertThatThrownBy(() -> open(key))
          .isInstanceOfSatisfying(
              R2dbcException.class,
              refused -> assertThat(refused.getSqlState()).isIn("OB001", "23505"));
    }
  }

  @Test
  void keyThatHasExpiredOpensNothing() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      IssuedKey key = issued(Enrolment.read(signer.enrol("gateway-1")));
      superuser(
          "UPDATE obolus.audit_key_request SET expires_at = now() - interval '1 second' WHERE"
              + " chain = '\\x"
              + key.chain()
              + "'");
      assertThatThrownBy(() -> open(key))
          .isInstanceOfSatisfying(
              R2dbcException.class,
              refused -> assertThat(refused.getSqlState()).isEqualTo("OB003"));
    }
  }

  @Test
  void stolenKeySealsNoOtherChainThatIsSigned() throws Exception {
    try (TestSigner signer = fixture.signer()) {
      IssuedKey stolen = issued(Enrolment.read(signer.enrol("gateway-1")));
      ChainId other = ChainId.parse("f7".repeat(16));
      try (Connection connection = fixture.database().asSuperuser();
          Statement statement = connection.createStatement()) {
        boolean _ = statement.execute("SET session_replication_role = replica");
        new StolenKey(stolen).pretending(other).write(connection);
      }
      until(() -> signer.integrator().state() instanceof IntegratorState.Stopped);
      assertThat(signer.integrator().state())
          .isEqualTo(
              new IntegratorState.Stopped(
                  "record 1 of chain " + other + " was not sealed with the chain's key"));
    }
    assertThat(
            text(
                "SELECT count(*) FROM obolus.audit_tree_span WHERE chain = '\\x"
                    + "f7".repeat(16)
                    + "'"))
        .isEqualTo("0");
    assertThat(verify(byRoot()).firstBad().orElseThrow().fault()).isEqualTo(Fault.MAC);
  }

  /** A process that holds an enrolment and no root key; the signer is in this one. */
  @Test
  void signerEndsTheChainOfAGatewayThatWasKilled() throws Exception {
    TestSigner signer = fixture.signer();
    Process gateway = KilledWriter.enrolled(fixture, signer.enrol("gateway-1"));
    ChainId chain;
    try (BufferedReader told = gateway.inputReader()) {
      chain = ChainId.parse(told.readLine().split(" ", -1)[0]);
      for (int i = 0; i < 200; i++) {
        assertThat(told.readLine()).startsWith(chain.toString());
      }
    } finally {
      assertThat(gateway.destroyForcibly().waitFor()).isEqualTo(137);
    }
    until(() -> count("code = 'OBO0003A'") == 1);
    signer.close();
    assertThat(text("SELECT ended FROM obolus.audit_head WHERE chain = '\\x" + chain + "'"))
        .isEqualTo("t");
    assertThat(count("code = 'OBO1002F' AND position('outcome_unknown' IN " + TEXT + ") > 0"))
        .isPositive();
    for (AuditVerifier auditor : List.of(byRoot(), byPublicKeys(signer))) {
      Verification found = verify(auditor);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.openPermits()).isEmpty();
    }
  }

  private static final String TEXT = "encode(canonical, 'escape')";

  private static String reasons(AuditDatabase gateway) {
    return gateway.log().state() instanceof LogState.Unavailable(List<String> reasons)
        ? String.join(" ", reasons)
        : "";
  }

  private static KeyRequest request(Enrolment enrolment) {
    YearMonth now = YearMonth.now(ZoneOffset.UTC);
    return new KeyRequest(enrolment, now.getYear() * 100 + now.getMonthValue(), new SecureRandom());
  }

  /** A secret that the signer does not know. */
  private Path other(String name) throws Exception {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Path file =
        Files.createFile(
            folder.resolve(name + ".unknown"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, HexFormat.of().formatHex(secret));
  }

  private IssuedKey issued(Enrolment enrolment) {
    KeyRequest request = request(enrolment);
    return request.open(ask(request).sealed().orElseThrow()).orElseThrow();
  }

  private LogSession.Answer ask(KeyRequest request) {
    LogSession session = session();
    try {
      assertThat(get(session.ask(request))).isTrue();
      until(() -> session.answer(request.id()).blockOptional().isPresent());
      return get(session.answer(request.id()));
    } finally {
      assertThat(get(session.close())).isTrue();
    }
  }

  private void open(IssuedKey key) {
    Chain chain = new Chain("obolus/test", key, new SecureRandom(), Clock.systemUTC());
    SealedRecord opening =
        chain.seal(
            new Sealable.Open(Map.of(), List.of(), chain.keyCommitment(), "-"), Integer.MAX_VALUE);
    LogSession session = session();
    try {
      assertThat(get(session.copy(CopyRows.of(chain, List.of(opening))))).isEqualTo(1);
    } finally {
      assertThat(get(session.close())).isTrue();
    }
  }

  /** The only request's chain. */
  private boolean isOpenable() {
    LogSession session = session();
    try {
      return get(
          session.isOpenable(
              Bytes.ofHex(text("SELECT encode(id, 'hex') FROM obolus.audit_key_request"))));
    } finally {
      assertThat(get(session.close())).isTrue();
    }
  }

  private LogSession session() {
    return get(
        LogSession.open(
            fixture.settings(TestPostgres.GATEWAY),
            "issued-keys-test",
            Optional.empty(),
            new SafetyCheck(false),
            new int[0]));
  }

  private long count(String where) {
    return Long.parseLong(text("SELECT count(*) FROM obolus.audit_record WHERE " + where));
  }

  private String text(String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private AuditVerifier byRoot() throws Exception {
    return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())));
  }

  private static AuditVerifier byPublicKeys(TestSigner signer) throws Exception {
    return new AuditVerifier(Optional.empty())
        .with(PublicKeys.of(signer.key().logKeys().stream().map(NoteKey::toString).toList()));
  }

  private Verification verify(AuditVerifier auditor) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return auditor.verify(connection);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
