// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.TENANT;
import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Erased;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.Commitments;
import dev.obolus.audit.chain.Tag;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.personal.KeyEncryption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersonalValuesTest {
  private static final Person ALICE = new Person(TENANT, "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
  private static final Person BOB = new Person(TENANT, "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb");
  private static final Person OPERATOR = new Person(TENANT, "cccccccc-cccc-4ccc-8ccc-cccccccccccc");
  private static final Set<String> TENANTS = Set.of(TENANT);
  private static final int SALT = 16;
  private static final Pattern HEX = Pattern.compile("\\\\x((?:[0-9a-f]{2})+)");

  @TempDir Path folder;
  private LogFixture fixture;
  private AuditDatabase log;

  @BeforeEach
  void open() throws Exception {
    fixture = LogFixture.fresh(folder);
    log = fixture.openReady();
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void neitherValueNorSaltStandsInTheRow() throws Exception {
    Receipt record = append(log, decided(ALICE, "SELECT secret_thing"));
    Revealed.Value shown = value(record, Field.STATEMENT);
    String row =
        text("SELECT encode(r::text::bytea, 'escape') FROM obolus.audit_record r WHERE seq = 2");
    assertThat(row).doesNotContain("secret_thing", ALICE.objectId());
    assertThat(row).doesNotContain(shown.salt().hex());
    String hexOfValue =
        java.util.HexFormat.of().formatHex("secret_thing".getBytes(StandardCharsets.UTF_8));
    assertThat(row).doesNotContain(hexOfValue);
  }

  @Test
  void valueIsShownAsItWasSealed() {
    Receipt record = append(log, decided(ALICE, "SELECT 'Zürich'"));
    assertThat(value(record, Field.STATEMENT).value()).isEqualTo("SELECT 'Zürich'");
    assertThat(value(record, Field.PERSON).value()).isEqualTo(TENANT + "/" + ALICE.objectId());
    assertThat(value(record, Field.INPUTS).value()).isEqualTo("[{\"input\":1}]");
    assertThat(reveal(record, Set.of("other"), Field.PERSON)).isEqualTo(new Revealed.Nothing());
  }

  @Test
  void valueThatWasChangedIsNotShown() throws Exception {
    Receipt record = append(log, decided(ALICE, "SELECT 1"));
    asSuperuser(
        "UPDATE obolus.audit_record SET statement_value ="
            + " set_byte(statement_value, 20, get_byte(statement_value, 20) # 1) WHERE seq = 2");
    assertThat(reveal(record, TENANTS, Field.STATEMENT)).isEqualTo(new Revealed.Altered());
  }

  @Test
  void allTenantsWhoseRecordsNameAPersonAreTold() throws Exception {
    assertThat(get(log.personalValues().find(ALICE, List.of())).tenants()).isEmpty();
    String other = "22222222-2222-4222-8222-222222222222";
    Receipt _ = append(log, decided(ALICE, "SELECT 1"));
    Receipt _ = append(log, decided(BOB, "SELECT 1"));
    Receipt _ =
        append(log, new OperatorActed(other, ALICE, "cli", "audit.reveal", "a 1", "revealed"));
    assertThat(get(log.personalValues().find(ALICE, List.of())).tenants())
        .containsExactlyInAnyOrder(ALICE.tenant(), other);
  }

  @Test
  void forgottenPersonsValuesAreGoneAndTheLogVerifies() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    Erasable erasable = get(log.personalValues().find(ALICE, List.of()));
    assertThat(erasable.keys()).hasSize(2);
    assertThat(erasable.newest()).isPresent();

    forget(erasable);

    for (Field field : Field.values()) {
      assertThat(reveal(hers, TENANTS, field)).as(field.word()).isEqualTo(new Revealed.Erased());
      assertThat(reveal(his, TENANTS, field)).as(field.word()).isInstanceOf(Revealed.Value.class);
    }
    assertThat(get(log.pseudonyms().of(ALICE))).isEmpty();
    assertThat(verify().firstBad()).isEmpty();
    Receipt again = append(log, decided(ALICE, "SELECT 3"));
    assertThat(value(again, Field.STATEMENT).value()).isEqualTo("SELECT 3");
    assertThat(get(log.pseudonyms().of(ALICE))).isPresent().isNotEqualTo(erasable.pseudonym());
  }

  @Test
  void backupFromBeforeShowsNothingAndStillVerifies() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    asSuperuser("CREATE TABLE backup AS SELECT * FROM obolus.audit_value_key");
    forget(get(log.personalValues().find(ALICE, List.of())));
    asSuperuser(
        "DELETE FROM obolus.audit_value_key",
        "INSERT INTO obolus.audit_value_key SELECT * FROM backup");
    for (Receipt record : List.of(hers, his)) {
      assertThatThrownBy(() -> reveal(record, TENANTS, Field.STATEMENT))
          .hasMessageContaining("is gone");
    }
    assertThat(verify().firstBad().map(Verification.Bad::fault))
        .as("only the operator's key, made after the backup, is missing")
        .contains(Fault.VALUE_KEY);
    asSuperuser(
        "DELETE FROM obolus.audit_record WHERE seq > 3",
        "UPDATE obolus.audit_head SET seq = 3, mac = (SELECT mac FROM obolus.audit_record WHERE seq = 3)");
    assertThat(verify().firstBad()).isEmpty();
  }

  /**
   * Whoever has every row, those from before the erasure too, but for the keys' table of then,
   * tries each word of a small dictionary with every run of 16 bytes that stands anywhere as the
   * salt.
   */
  @Test
  void noErasedValueIsGuessedByTheCommitmentToIt() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 3"));
    Receipt _ = append(log, decided(BOB, "SELECT 7"));
    List<byte[]> rows = everyRow(Set.of("audit_value_key"));
    for (Field field : GUESSED) {
      Revealed.Value shown = value(hers, field);
      List<byte[]> withTheSalt = new ArrayList<>(rows);
      withTheSalt.add(shown.salt().toArray());
      assertThat(guessed(hers, field, withTheSalt))
          .as("else nothing is proven below: " + field)
          .containsExactly(shown.value());
    }

    forget(get(log.personalValues().find(ALICE, List.of())));

    rows.addAll(everyRow(Set.of()));
    for (Field field : GUESSED) {
      assertThat(reveal(hers, TENANTS, field)).isEqualTo(new Revealed.Erased());
      assertThat(guessed(hers, field, rows)).as(field.word()).isEmpty();
    }
  }

  private static final List<Field> GUESSED = List.of(Field.PERSON, Field.STATEMENT);

  /** The words of the dictionary that some salt among the bytes makes the commitment of. */
  private Set<String> guessed(Receipt record, Field field, List<byte[]> bytes) throws Exception {
    Tag tag = field == Field.PERSON ? Tag.PERSON_VALUE : Tag.STATEMENT;
    Bytes commitment = commitment(record, tag);
    Set<String> found = new TreeSet<>();
    for (String word : dictionary()) {
      byte[] value = word.getBytes(StandardCharsets.UTF_8);
      byte[] salted = Arrays.copyOf(new byte[SALT], SALT + value.length);
      System.arraycopy(value, 0, salted, SALT, value.length);
      if (Commitments.of(tag, salted).equals(commitment)
          || Commitments.of(tag, value).equals(commitment)) {
        found.add(word);
      }
      for (byte[] row : bytes) {
        for (int at = 0; at + SALT <= row.length; at++) {
          System.arraycopy(row, at, salted, 0, SALT);
          if (Commitments.of(tag, salted).equals(commitment)) {
            found.add(word);
          }
        }
      }
    }
    return found;
  }

  private static List<String> dictionary() {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      words.add("SELECT " + i);
    }
    for (Person person : List.of(ALICE, BOB, OPERATOR)) {
      words.add(person.tenant() + "/" + person.objectId());
    }
    return words;
  }

  private Bytes commitment(Receipt record, Tag tag) throws SQLException {
    String canonical =
        text(
            "SELECT encode(canonical, 'hex') FROM obolus.audit_record WHERE chain = '\\x"
                + record.chain()
                + "' AND seq = "
                + record.seq());
    return CanonicalReader.read(Bytes.ofHex(canonical).toArray()).get(tag.label())
            instanceof AuditRecord.Field.Committed(Bytes found)
        ? found
        : fail("it commits to nothing");
  }

  /** Each row of each table as text, and what its hex stands for. */
  private List<byte[]> everyRow(Set<String> but) throws SQLException {
    List<byte[]> found = new ArrayList<>();
    List<String> tables =
        List.of(
            text("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind IN ('r', 'p')"
                    + " AND NOT relispartition AND relnamespace = 'obolus'::regnamespace")
                .split(" "));
    assertThat(tables).contains("audit_record", "audit_value_key");
    for (String table : tables) {
      if (but.contains(table)) {
        continue;
      }
      String rows =
          text("SELECT coalesce(string_agg(t::text, chr(10)), '') FROM obolus." + table + " t");
      found.add(rows.getBytes(StandardCharsets.UTF_8));
      HEX.matcher(rows).results().forEach(hex -> found.add(Bytes.ofHex(hex.group(1)).toArray()));
    }
    return found;
  }

  @Test
  void personNamedInSomebodyElsesStatementIsForgottenThere() {
    Receipt naming = append(log, decided(ALICE, "SELECT * FROM t WHERE email = 'Bob@Example.com'"));
    Receipt other = append(log, decided(ALICE, "SELECT 2"));
    Erasable erasable = get(log.personalValues().find(BOB, List.of("bob@example.com")));
    assertThat(erasable.pseudonym()).isEmpty();
    assertThat(erasable.keys()).hasSize(1);
    forget(erasable);
    assertThat(reveal(naming, TENANTS, Field.STATEMENT)).isEqualTo(new Revealed.Erased());
    assertThat(value(other, Field.STATEMENT).value()).isEqualTo("SELECT 2");
  }

  @Test
  void keyOfAnAddressIsAsYoungAsTheMonthThatItIsOf() throws Exception {
    Receipt _ = append(log, decided(ALICE, "SELECT * FROM t WHERE email = 'bob@example.com'"));
    List<String> bobs = List.of("bob@example.com");
    Erasable young = get(log.personalValues().find(BOB, bobs));
    assertThat(young.keys()).hasSize(1);
    assertThat(young.newest().orElseThrow()).as("a month that is not over").isAfter(Instant.now());

    String name = young.keys().getFirst().hex();
    asSuperuser("UPDATE obolus.audit_value_key SET period = 202412 WHERE name = '\\x" + name + "'");
    assertThat(get(log.personalValues().find(BOB, bobs)).newest())
        .contains(Instant.parse("2025-01-01T00:00:00Z"));
    Instant hers = get(log.personalValues().find(ALICE, List.of())).newest().orElseThrow();
    assertThat(get(log.personalValues().find(ALICE, bobs)).newest()).contains(hers);
    assertThat(get(log.personalValues().find(BOB, List.of())).newest()).isEmpty();
  }

  @Test
  void erasedValueMayBeMissingOrChangedAndAnotherMayNot() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    forget(get(log.personalValues().find(ALICE, List.of())));
    asSuperuser(
        "UPDATE obolus.audit_record SET statement_value = NULL, person_value = 'x' WHERE seq = "
            + hers.seq());
    assertThat(verify().firstBad()).isEmpty();
    asSuperuser("UPDATE obolus.audit_record SET statement_value = NULL WHERE seq = " + his.seq());
    Verification.Bad bad = verify().firstBad().orElseThrow();
    assertThat(bad.fault()).isEqualTo(Fault.VALUE_MISSING);
    assertThat(bad.seq()).isEqualTo(his.seq());
  }

  @Test
  void forgedErasureDoesNotExcuseAMissingValue() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    forget(
        get(log.personalValues().find(BOB, List.of("nobody@example.com"))), ALICE_KEYS_UNTOUCHED);
    String name = text("SELECT encode(name, 'hex') FROM obolus.audit_value_key LIMIT 1");
    asSuperuser(
        "UPDATE obolus.audit_record SET statement_value = NULL WHERE seq = " + hers.seq(),
        "UPDATE obolus.audit_record SET canonical = canonical || decode('"
            + name
            + "', 'hex')"
            + " WHERE event = 'erased'");
    assertThat(verify().state()).isEqualTo(Verification.State.BROKEN);
  }

  @Test
  void keysAreDestroyedOnlyByARecordThatNamesThem() throws Exception {
    Receipt record = append(log, decided(ALICE, "SELECT 1"));
    Receipt erasure = append(log, erased(get(log.personalValues().find(BOB, List.of())), "aa"));
    // it names the keys that it is itself sealed with: as such, not as erased
    String before = text("SELECT count(*) FROM obolus.audit_value_key");
    asGateway("SELECT obolus.audit_destroy_keys(decode('" + record.chain() + "', 'hex'), 2)");
    asGateway(
        "SELECT obolus.audit_destroy_keys(decode('"
            + erasure.chain()
            + "', 'hex'), "
            + erasure.seq()
            + ")");
    assertThat(text("SELECT count(*) FROM obolus.audit_value_key")).isEqualTo(before);
    assertThatThrownBy(() -> asGateway("DELETE FROM obolus.audit_value_key"))
        .hasMessageContaining("permission denied");
    assertThatThrownBy(() -> asGateway("UPDATE obolus.audit_value_key SET subject = name"))
        .hasMessageContaining("permission denied");
  }

  @Test
  void withoutTheKeyEncryptionKeyNothingNewIsTaken() throws Exception {
    Receipt _ = append(log, decided(ALICE, "SELECT 1"));
    Files.move(folder.resolve("value.key"), folder.resolve("elsewhere"));
    assertThatThrownBy(() -> append(log, decided(BOB, "SELECT 2")))
        .isInstanceOfSatisfying(
            LogUnavailable.class,
            refusal -> assertThat(refusal.why()).isEqualTo(LogUnavailable.Cause.DATABASE));
    Receipt known = append(log, decided(ALICE, "SELECT 3"));
    assertThat(known.seq()).isEqualTo(3);
    Files.move(folder.resolve("elsewhere"), folder.resolve("value.key"));
    Receipt back = append(log, decided(BOB, "SELECT 4"));
    assertThat(back.seq()).isEqualTo(4);
  }

  @Test
  void erasureThatACrashInterruptedIsFinishedAtTheNextStart() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    Erasable erasable = get(log.personalValues().find(ALICE, List.of()));
    Receipt _ = append(log, erased(erasable, "dd"));
    assertThat(verify().undestroyed())
        .allMatch(one -> one.tenant().equals(TENANT))
        .extracting(Verification.Undestroyed::key)
        .containsExactlyInAnyOrderElementsOf(erasable.keys());
    List<String> before = Files.readAllLines(folder.resolve("value.key"));

    log.close();
    log = fixture.openReady();

    LogFixture.until(() -> finished(before));
    assertThat(reveal(hers, TENANTS, Field.STATEMENT)).isEqualTo(new Revealed.Erased());
    assertThat(value(his, Field.STATEMENT).value()).isEqualTo("SELECT 2");
    assertThat(verify().undestroyed()).isEmpty();
    assertThat(verify().state()).isEqualTo(Verification.State.VERIFIED);
  }

  /** Its sessions are ended before and after each step in turn, as a crash would. */
  @Test
  void erasureThatIsKilledAtAnyStepIsFinishedByTheNextGateway() throws Exception {
    int kills = 0;
    for (boolean killed = true; killed; ) {
      Interrupting steps = new Interrupting(fixture.encryption(), kills);
      log.close();
      log = opened(steps);
      Receipt hers = append(log, decided(ALICE, "SELECT 1"));
      Receipt his = append(log, decided(BOB, "SELECT 2"));
      Receipt erasure = append(log, erased(get(log.personalValues().find(ALICE, List.of())), "dd"));
      List<String> before = Files.readAllLines(folder.resolve("value.key"));
      steps.armed = true;
      boolean done = get(log.personalValues().destroy(erasure).onErrorReturn(false));
      steps.armed = false;
      killed = steps.fired;
      assertThat(done).isEqualTo(!killed);

      log.close();
      log = fixture.openReady();
      LogFixture.until(() -> finished(before));
      assertThat(reveal(hers, TENANTS, Field.STATEMENT)).isEqualTo(new Revealed.Erased());
      assertThat(value(his, Field.STATEMENT).value()).isEqualTo("SELECT 2");
      assertThat(verify().undestroyed()).as("after kill " + kills).isEmpty();
      kills++;
    }
    assertThat(kills).as("steps of an erasure").isGreaterThan(8);
    assertThat(verify().state()).isEqualTo(Verification.State.VERIFIED);
  }

  private AuditDatabase opened(KeyEncryption encryption) {
    AuditDatabase opened =
        AuditDatabase.open(
            fixture.settings("obolus_gateway"),
            fixture.logSettings(),
            fixture.root(),
            encryption,
            new java.security.SecureRandom(),
            java.time.Clock.systemUTC());
    LogFixture.until(opened.log()::ready);
    return opened;
  }

  /** Ends the sessions that destroy keys, at one step. */
  private final class Interrupting implements KeyEncryption {
    private final KeyEncryption real;
    private int left;
    private volatile boolean armed;
    private volatile boolean fired;

    /**
     * @param left how many moments, one before and one after each step, pass unharmed
     */
    Interrupting(KeyEncryption real, int left) {
      this.real = real;
      this.left = left;
    }

    private synchronized void moment() throws IOException {
      if (armed && left-- <= 0) {
        fired = true;
        try {
          asSuperuser(
              "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                  + " WHERE application_name = 'obolus-audit-keys'"
                  + " AND datname = current_database()");
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
        throw new IOException("killed");
      }
    }

    private <T> T step(Step<T> step) throws IOException {
      moment();
      T done = step.take();
      moment();
      return done;
    }

    @Override
    public Wrapped wrap(byte[] secret, byte[] context) throws IOException {
      return step(() -> real.wrap(secret, context));
    }

    @Override
    public Wrapped wrapWith(String version, byte[] secret, byte[] context) throws IOException {
      return step(() -> real.wrapWith(version, secret, context));
    }

    @Override
    public byte[] unwrap(Wrapped wrapped, byte[] context) throws IOException {
      return step(() -> real.unwrap(wrapped, context));
    }

    @Override
    public String version() throws IOException {
      return step(real::version);
    }

    @Override
    public String rotate() throws IOException {
      return step(real::rotate);
    }

    @Override
    public void destroyAllBut(Set<String> used) throws IOException {
      boolean _ =
          step(() -> {
            real.destroyAllBut(used);
            return true;
          });
    }
  }

  private interface Step<T> {
    T take() throws IOException;
  }

  @Test
  void keyEncryptionKeyThatACrashSparedIsDestroyedAtTheNextStart() throws Exception {
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    forget(get(log.personalValues().find(ALICE, List.of("nobody@example.com"))));
    Path file = folder.resolve("value.key");
    List<String> spared = List.of("ab".repeat(32));
    Files.write(
        file,
        java.util.stream.Stream.concat(spared.stream(), Files.readAllLines(file).stream())
            .toList());

    log.close();
    log = fixture.openReady();

    LogFixture.until(() -> finished(spared));
    assertThat(value(his, Field.STATEMENT).value()).isEqualTo("SELECT 2");
  }

  @Test
  void keyThatDoesNotUnwrapHoldsUpNobodysErasure() throws Exception {
    Receipt hers = append(log, decided(ALICE, "SELECT 1"));
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    Receipt third = append(log, decided(OPERATOR, "SELECT 3"));
    for (Bytes changed : get(log.personalValues().find(BOB, List.of())).keys()) {
      asSuperuser(
          "UPDATE obolus.audit_value_key SET wrapped ="
              + " set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)"
              + " WHERE name = decode('"
              + changed.hex()
              + "', 'hex')");
    }
    List<String> before = Files.readAllLines(folder.resolve("value.key"));

    forget(get(log.personalValues().find(ALICE, List.of())));

    assertThat(Files.readAllLines(folder.resolve("value.key")))
        .hasSize(1)
        .doesNotContainAnyElementsOf(before);
    assertThat(reveal(hers, TENANTS, Field.STATEMENT)).isEqualTo(new Revealed.Erased());
    assertThat(value(third, Field.STATEMENT).value()).isEqualTo("SELECT 3");
    assertThatThrownBy(() -> reveal(his, TENANTS, Field.STATEMENT)).hasMessageContaining("is gone");
    assertThat(verify().state()).as("it is still there").isEqualTo(Verification.State.VERIFIED);
  }

  @Test
  void withoutTheKeyEncryptionKeyNothingIsPassedOver() throws Exception {
    Receipt his = append(log, decided(BOB, "SELECT 2"));
    Receipt _ = append(log, decided(ALICE, "SELECT 1"));
    Erasable erasable = get(log.personalValues().find(ALICE, List.of()));
    Receipt erasure = append(log, erased(erasable, "dd"));
    Files.move(folder.resolve("value.key"), folder.resolve("elsewhere"));
    assertThatThrownBy(() -> get(log.personalValues().destroy(erasure)))
        .hasMessageContaining("not a file");
    assertThat(verify().undestroyed()).hasSize(2);
    Files.move(folder.resolve("elsewhere"), folder.resolve("value.key"));
    assertThat(get(log.personalValues().destroy(erasure))).isTrue();
    assertThat(verify().undestroyed()).isEmpty();
    assertThat(value(his, Field.STATEMENT).value()).isEqualTo("SELECT 2");
  }

  @Test
  void craftedErasureHoldsUpNobodys() throws Exception {
    Receipt _ = append(log, decided(ALICE, "SELECT 1"));
    Erasable erasable = get(log.personalValues().find(ALICE, List.of()));
    Receipt crafted = append(log, erased(get(log.personalValues().find(BOB, List.of())), "aa"));
    for (String length : List.of("fffffff9", "7fffffff", "80000000")) {
      asSuperuser(
          "UPDATE obolus.audit_record SET canonical = overlay(canonical PLACING decode('"
              + length
              + "', 'hex') FROM 8) WHERE seq = "
              + crafted.seq());
      Receipt erasure = append(log, erased(erasable, "dd"));
      assertThat(get(log.personalValues().destroy(erasure))).isTrue();
    }
    assertThat(get(log.personalValues().find(ALICE, List.of())).keys()).isEmpty();
  }

  /** None of these lines is there, and one is. */
  private boolean finished(List<String> old) {
    try {
      List<String> now = Files.readAllLines(folder.resolve("value.key"));
      return now.size() == 1 && !old.contains(now.getFirst());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static final String ALICE_KEYS_UNTOUCHED = "cc";

  private void forget(Erasable erasable) {
    Receipt erasure = append(log, erased(erasable, "dd"));
    assertThat(get(log.personalValues().destroy(erasure))).isTrue();
  }

  private void forget(Erasable erasable, String filler) {
    Receipt erasure = append(log, erased(erasable, filler));
    assertThat(get(log.personalValues().destroy(erasure))).isTrue();
  }

  /** At least one name is needed; one that no key has is as good as none. */
  private static Erased erased(Erasable erasable, String filler) {
    return new Erased(
        TENANT,
        OPERATOR,
        "console",
        erasable.pseudonym().orElse("-"),
        "asked for",
        "-",
        erasable.keys().isEmpty() ? List.of(Bytes.ofHex(filler.repeat(32))) : erasable.keys());
  }

  private static Decided decided(Person person, String statement) {
    Decided some = LogFixture.decided("deny");
    return new Decided(
        some.decisionId(),
        some.tenant(),
        Optional.of(person),
        some.actor(),
        some.lane(),
        some.environment(),
        some.connector(),
        some.operation(),
        some.actionClass(),
        some.resources(),
        some.purpose(),
        some.conversation(),
        some.trace(),
        some.tokenId(),
        some.clientRequestId(),
        some.effect(),
        some.reasons(),
        some.obligationKinds(),
        some.revision(),
        some.evaluator(),
        some.took(),
        Optional.of(statement),
        some.obligations(),
        some.policyInputs());
  }

  private Revealed.Value value(Receipt record, Field field) {
    return (Revealed.Value) reveal(record, TENANTS, field);
  }

  private Revealed reveal(Receipt record, Set<String> tenants, Field field) {
    return get(log.personalValues().reveal(tenants, record.chain(), record.seq(), field));
  }

  private Verification verify() throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
          .verify(connection);
    }
  }

  private String text(String query) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private void asGateway(String query) throws SQLException {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement()) {
      assertThat(statement.execute(query)).isTrue();
    }
  }

  private void asSuperuser(String... statements) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
