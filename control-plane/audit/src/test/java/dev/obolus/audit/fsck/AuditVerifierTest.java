// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.conclusion;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.rejected;
import static dev.obolus.audit.postgres.LogFixture.served;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A believable log of three chains, damaged in every way that we could think of. */
class AuditVerifierTest {
  private static final String TENANT = LogFixture.TENANT;
  private static final String OTHER = "99999999-9999-4999-8999-999999999999";

  @TempDir static Path folder;
  private static LogFixture fixture;
  private static ChainId first;
  private static ChainId second;

  @BeforeAll
  static void writeThreeChains() throws Exception {
    fixture = LogFixture.fresh(folder);
    first = writeChain();
    second = writeChain();
    assertThat(writeChain()).isNotEqualTo(second);
    asSuperuser("CREATE TABLE kept_records AS SELECT * FROM obolus.audit_record");
    asSuperuser("CREATE TABLE kept_heads AS SELECT * FROM obolus.audit_head");
  }

  /**
   * open, permit, served, denial, another tenant's denial, a permit that only the closing gateway
   * answers, rejected, …, that answer, close.
   */
  private static ChainId writeChain() {
    try (AuditDatabase opened = fixture.openReady()) {
      Decided permit = decided("allow");
      Receipt receipt = append(opened, permit);
      assertThat(append(opened, served(permit, receipt)).seq()).isEqualTo(3);
      assertThat(append(opened, decided("deny")).seq()).isEqualTo(4);
      assertThat(append(opened, decided("deny", OTHER)).seq()).isEqualTo(5);
      assertThat(append(opened, decided("allow")).seq()).isEqualTo(6);
      assertThat(append(opened, rejected()).seq()).isEqualTo(7);
      Decided failing = decided("allow");
      Receipt failed = append(opened, failing);
      assertThat(
              append(
                      opened,
                      new AuditEvent.Failed(
                          conclusion(failing, failed), "source_denied", true, "finished"))
                  .seq())
          .isEqualTo(9);
      Person person = new Person(TENANT, "44444444-4444-4444-8444-444444444444");
      assertThat(
              append(opened, new AuditEvent.SignedIn(TENANT, person, "console", List.of("Soc")))
                  .seq())
          .isEqualTo(10);
      assertThat(
              append(
                      opened,
                      new AuditEvent.OperatorActed(
                          TENANT, person, "console", "audit.verify", "-", "verified"))
                  .seq())
          .isEqualTo(11);
      assertThat(
              append(opened, new AuditEvent.PolicyChanged("-", "r2", "folder", "activated")).seq())
          .isEqualTo(12);
      return receipt.chain();
    }
  }

  @AfterEach
  void restore() throws SQLException {
    asSuperuser("TRUNCATE obolus.audit_record");
    asSuperuser("TRUNCATE obolus.audit_head");
    asSuperuser("INSERT INTO obolus.audit_record SELECT * FROM kept_records");
    asSuperuser("INSERT INTO obolus.audit_head SELECT * FROM kept_heads");
  }

  @Test
  void soundLogVerifies() throws Exception {
    Verification found = verify();
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.keyed()).isTrue();
    assertThat(found.chains()).isEqualTo(3);
    assertThat(found.records()).isEqualTo(3 * 14);
    assertThat(found.openPermits()).isEmpty();
  }

  @Test
  void permitsWithoutAnOutcomeAreListed() throws Exception {
    try (AuditDatabase opened = fixture.openReady()) {
      Receipt permit = append(opened, decided("allow"));
      Verification found = verify();
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.openPermits()).hasSize(1);
      assertThat(found.openPermits().getFirst().chain()).isEqualTo(permit.chain());
      assertThat(found.openPermits().getFirst().seq()).isEqualTo(permit.seq());
    }
  }

  @Test
  void withoutTheKeyHashesAreCheckedAndTheAnswerSaysSo() throws Exception {
    Verification found = new AuditVerifier(Optional.empty()).verify(connect());
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.keyed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      commentCharacter = '!',
      value = {
        "tenant            | concat(tenant, 'x')                        | COLUMN",
        "tenant_seq        | tenant_seq + 1                         | COLUMN",
        "event_id          | gen_random_uuid()                      | COLUMN",
        "key_id            | concat(key_id, 'x')                        | COLUMN",
        "at_us             | at_us + 1                              | COLUMN",
        "code              | 'OBO1001A'                             | COLUMN",
        "event             | 'served'                               | COLUMN",
        "effect            | 'allow'                                | COLUMN",
        "effect            | NULL                                   | COLUMN",
        "decision_id       | 'x'                                    | COLUMN",
        "person            | 'p-0'                                  | COLUMN",
        "client            | 'x'                                    | COLUMN",
        "connector         | 'x'                                    | COLUMN",
        "resources         | '{main.hr.salaries}'                   | COLUMN",
        "reasons           | '{}'                                   | COLUMN",
        "agent             | 'other'                                | COLUMN",
        "agent             | NULL                                   | COLUMN",
        "action            | 'delete'                               | COLUMN",
        "action_class      | 'write'                                | COLUMN",
        "lane              | 'workload'                             | COLUMN",
        "labels            | '{}'                                   | COLUMN",
        "labels            | '{internal}'                           | COLUMN",
        "labels            | '{pii,internal}'                       | COLUMN",
        "purpose           | 'x'                                    | COLUMN",
        "conversation      | NULL                                   | COLUMN",
        "token_id          | 'x'                                    | COLUMN",
        "revision          | 'rev-2'                                | COLUMN",
        "took_us           | took_us + 1                            | COLUMN",
        "took_us           | NULL                                   | COLUMN",
        "canonical         | set_byte(canonical, 100, 0)            | LEAF",
        "canonical         | byteacat(canonical, '\\x00')            | LEAF",
        "leaf              | set_byte(leaf, 5, get_byte(leaf, 5) # 1) | LEAF",
        "prev_mac          | set_byte(prev_mac, 0, get_byte(prev_mac, 0) # 1) | PREVIOUS",
        "mac               | set_byte(mac, 31, get_byte(mac, 31) # 128) | MAC",
        "person_value      | set_byte(person_value, 0, get_byte(person_value, 0) # 1) | VALUE",
        "person_value      | statement_value                        | VALUE",
        "statement_value   | 'SELECT 1'                             | VALUE",
        "statement_value   | byteacat(statement_value, '\\x00')      | VALUE",
        "obligations_value | substring(obligations_value from 2)    | VALUE",
        "inputs_value      | set_byte(inputs_value, 40, get_byte(inputs_value, 40) # 1) | VALUE",
        "inputs_value      | NULL                                   | VALUE_MISSING",
        "person_value      | NULL                                   | VALUE_MISSING",
        "statement_salt    | '\\x00112233445566778899aabbccddeeff'   | VALUE_EXTRA",
      })
  void changedColumnIsNamed(String column, String value, Fault fault) throws Exception {
    damage("UPDATE obolus.audit_record SET " + column + " = " + value + at(first, 4));
    assertBroken(verify(), first, 4, fault);
    try (Connection connection = connect()) {
      assertBroken(verifier().verify(connection, first, 4), first, 4, fault);
    }
  }

  @Test
  void valueThatNothingCommitsToIsNamed() throws Exception {
    damage(
        "UPDATE obolus.audit_record SET statement_value = 'x', statement_salt = ''" + at(first, 3));
    assertBroken(verify(), first, 3, Fault.VALUE_EXTRA);
  }

  @Test
  void keyThatIsGoneWithoutAnErasureOnRecordIsNamed() throws Exception {
    asSuperuser("CREATE TABLE kept_keys AS SELECT * FROM obolus.audit_value_key");
    try {
      damage("DELETE FROM obolus.audit_value_key WHERE period <> 0");
      Verification found = verify();
      assertThat(found.state()).isEqualTo(State.BROKEN);
      assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(Fault.VALUE_KEY);
      assertThat(found.firstBad().orElseThrow().seq()).isEqualTo(2);
    } finally {
      asSuperuser(
          "INSERT INTO obolus.audit_value_key SELECT * FROM kept_keys ON CONFLICT DO NOTHING");
    }
  }

  @Test
  void recordRewrittenWithAMatchingLeafIsNamedByItsMac() throws Exception {
    damage(
        "UPDATE obolus.audit_record SET canonical = overlay(canonical placing 'obolus/TEST'::bytea"
            + " from 12), leaf = sha256('\\x00'::bytea || overlay(canonical placing"
            + " 'obolus/TEST'::bytea from 12))"
            + at(first, 1));
    assertBroken(verify(), first, 1, Fault.MAC);
  }

  @Test
  void deletedRecordIsNamed() throws Exception {
    damage("DELETE FROM obolus.audit_record" + at(first, 6));
    assertBroken(verify(), first, 6, Fault.MISSING);
  }

  @Test
  void deletedFirstRecordIsNamed() throws Exception {
    damage("DELETE FROM obolus.audit_record" + at(second, 1));
    assertBroken(verify(), second, 1, Fault.MISSING);
  }

  @Test
  void swappedRecordsAreNamed() throws Exception {
    damage(
        "UPDATE obolus.audit_record SET seq = 1000" + at(first, 4),
        "UPDATE obolus.audit_record SET seq = 4" + at(first, 5),
        "UPDATE obolus.audit_record SET seq = 5" + at(first, 1000));
    assertBroken(verify(), first, 4, Fault.PLACE);
  }

  @Test
  void recordInsertedFromAnotherChainIsNamed() throws Exception {
    damage(
        "DELETE FROM obolus.audit_record" + at(first, 7),
        "UPDATE obolus.audit_record SET chain = " + hex(first) + at(second, 7));
    assertBroken(verify(), first, 7, Fault.PLACE);
  }

  @Test
  void recordInsertedTwiceIsNamed() throws Exception {
    asSuperuser(
        "CREATE TABLE IF NOT EXISTS obolus.audit_record_200001 PARTITION OF obolus.audit_record"
            + " FOR VALUES FROM (200001) TO (200002)");
    damage(
        "CREATE TEMP TABLE copied AS SELECT * FROM obolus.audit_record" + at(first, 7),
        "UPDATE copied SET epoch = 200001",
        "INSERT INTO obolus.audit_record SELECT * FROM copied");
    Verification found = verify();
    assertThat(found.firstBad().orElseThrow().seq()).isEqualTo(7);
    assertThat(found.firstBad().orElseThrow().fault()).isIn(Fault.DUPLICATE, Fault.COLUMN);
  }

  @Test
  void recordForgedAtTheEndIsNamed() throws Exception {
    damage(
        "CREATE TEMP TABLE copied AS SELECT * FROM obolus.audit_record" + at(first, 14),
        "UPDATE copied SET seq = 15, prev_mac = mac",
        "INSERT INTO obolus.audit_record SELECT * FROM copied");
    assertBroken(verify(), first, 15, Fault.AFTER_CLOSE);
  }

  @Test
  void cutTailIsToldByTheHead() throws Exception {
    damage("DELETE FROM obolus.audit_record WHERE seq > 10 AND chain = " + hex(first));
    assertBroken(verify(), first, 11, Fault.TRUNCATED);
  }

  @Test
  void tailCutTogetherWithItsHeadIsToldByTheNextChain() throws Exception {
    damage(
        "DELETE FROM obolus.audit_record WHERE seq > 10 AND chain = " + hex(first),
        "UPDATE obolus.audit_head SET seq = 10, mac = (SELECT mac FROM obolus.audit_record"
            + at(first, 10)
            + ") WHERE chain = "
            + hex(first));
    assertBroken(verify(), first, 11, Fault.TRUNCATED);
  }

  @Test
  void chainRemovedAltogetherIsToldByTheNextChain() throws Exception {
    damage(
        "DELETE FROM obolus.audit_record WHERE chain = " + hex(first),
        "DELETE FROM obolus.audit_head WHERE chain = " + hex(first));
    assertBroken(verify(), first, 1, Fault.TRUNCATED);
  }

  @Test
  void changedHeadIsNamed() throws Exception {
    damage("UPDATE obolus.audit_head SET mac = sha256(mac) WHERE chain = " + hex(first));
    assertBroken(verify(), first, 14, Fault.HEAD);
  }

  @Test
  void missingHeadIsNamed() throws Exception {
    damage("DELETE FROM obolus.audit_head WHERE chain = " + hex(second));
    assertBroken(verify(), second, 14, Fault.HEAD);
  }

  @Test
  void anotherRootKeyIsToldFromAForgery() throws Exception {
    Path other = folder.resolve("other.key");
    assertThat(RootKey.create(other, new SecureRandom()).id()).isNotEqualTo(fixture.root().id());
    try (Connection connection = connect()) {
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(other))).verify(connection);
      assertBroken(found, first, 1, Fault.KEY);
    } finally {
      Files.delete(other);
    }
  }

  @Test
  void keyThatOthersMayReadIsRefused() throws Exception {
    Path open = folder.resolve("open.key");
    Files.writeString(open, "00".repeat(32));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> VerifierKey.read(open))
        .hasMessageContaining("chmod 600");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> RootKey.read(open))
        .hasMessageContaining("chmod 600");
  }

  private static void assertBroken(Verification found, ChainId chain, long seq, Fault fault) {
    assertThat(found.state()).isEqualTo(State.BROKEN);
    Verification.Bad bad = found.firstBad().orElseThrow();
    assertThat(bad.fault()).as(bad.sentence()).isEqualTo(fault);
    assertThat(bad.chain()).isEqualTo(chain);
    assertThat(bad.seq()).isEqualTo(seq);
    assertThat(bad.sentence()).contains("record " + seq, chain.toString());
  }

  private static Verification verify() throws Exception {
    try (Connection connection = connect()) {
      return verifier().verify(connection);
    }
  }

  private static AuditVerifier verifier() throws Exception {
    return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())));
  }

  private static Connection connect() throws SQLException {
    return fixture.database().as("obolus_gateway");
  }

  private static String at(ChainId chain, long seq) {
    return " WHERE seq = " + seq + " AND chain = " + hex(chain);
  }

  private static String hex(ChainId chain) {
    return "decode('" + chain + "', 'hex')";
  }

  /** What somebody with the whole database can do: no trigger stands in the way. */
  private static void damage(String... statements) throws SQLException {
    asSuperuser(statements);
  }

  private static void asSuperuser(String... statements) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
