// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.audit.retention.PrunedLog;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of attacks in {@code docs/threat-model.md}, row by row: each is made, and each of three
 * auditors finds it or does not, as the row says; a row that is not understood is a failure. What
 * exactly is named is {@link SignedLogTest}'s and {@link AuditVerifierTest}'s to say.
 */
class AttackTableTest {
  private static final Path DOCS = Path.of("../../docs/threat-model.md");
  private static final String FOUND = "found";
  private static final String NOT_FOUND = "—";
  private static final String GONE = "`PRUNED`";
  private static final String[] TABLES = {
    "audit_record",
    "audit_head",
    "audit_tree_span",
    "audit_tile",
    "audit_checkpoint",
    "audit_prune_note",
    "audit_value_key"
  };

  private static final ChainId FREE = ChainId.parse("f7".repeat(16));

  /** Of a gateway that died after its second record. */
  private static final ChainId LEFT = ChainId.parse("1e".repeat(16));

  @TempDir static Path folder;
  private static PrunedLog old;
  private static LogFixture fixture;
  private static ChainId first;
  private static ChainId second;
  private static RootKey newer;
  private static String kept;

  private interface Attack {
    void make() throws Exception;
  }

  /** Who looks for it, in the order of the table's columns. */
  private enum Auditor {
    ROOT_KEY,
    PUBLIC_KEYS,
    KEPT
  }

  private interface Look {
    String by(Auditor auditor) throws Exception;
  }

  private static final Map<String, Attack> ATTACKS =
      Map.ofEntries(
          Map.entry("change a record and its leaf", () -> sql(changed(first))),
          Map.entry(
              "change a search column",
              () -> sql("UPDATE obolus.audit_record SET client = 'x' WHERE " + record(first, 4))),
          Map.entry(
              "change a stored value",
              () ->
                  sql(
                      "UPDATE obolus.audit_record SET statement_value = set_byte(statement_value, 3,"
                          + " get_byte(statement_value, 3) # 1) WHERE "
                          + record(first, 4))),
          Map.entry("change a stored value and forge its erasure", AttackTableTest::forgeErasure),
          Map.entry(
              "destroy the key of stored values and forge their erasure",
              AttackTableTest::forgeDestruction),
          Map.entry(
              "show a tenant's record to another tenant",
              () ->
                  sql("UPDATE obolus.audit_record SET tenant = 'other' WHERE " + record(first, 4))),
          Map.entry(
              "delete a record from the middle",
              () -> sql("DELETE FROM obolus.audit_record WHERE " + record(first, 4))),
          Map.entry(
              "insert a record taken from another chain",
              () ->
                  sql(
                      "DELETE FROM obolus.audit_record WHERE " + record(first, 4),
                      "UPDATE obolus.audit_record SET chain = '\\x"
                          + first
                          + "' WHERE "
                          + record(second, 4))),
          Map.entry(
              "swap two records",
              () ->
                  sql(
                      "UPDATE obolus.audit_record SET seq = 1000 WHERE " + record(first, 4),
                      "UPDATE obolus.audit_record SET seq = 4 WHERE " + record(first, 5),
                      "UPDATE obolus.audit_record SET seq = 5 WHERE " + record(first, 1000))),
          Map.entry("replay a record at the end", AttackTableTest::replay),
          Map.entry("store a record twice", AttackTableTest::duplicate),
          Map.entry(
              "edit a chain's head",
              () ->
                  sql(
                      "UPDATE obolus.audit_head SET mac = sha256(mac) WHERE chain = '\\x"
                          + second
                          + "'")),
          Map.entry("end a chain that a gateway left, without a record", AttackTableTest::endChain),
          Map.entry("cut off the newest records, with their head", AttackTableTest::cutTail),
          Map.entry(
              "cut off the newest records, their head and every checkpoint",
              () -> {
                cutTail();
                dropTree();
              }),
          Map.entry(
              "drop a chain that a later one has written down",
              () -> sql(dropped("audit_record", first), dropped("audit_head", first))),
          Map.entry(
              "drop the newest chain",
              () -> sql(dropped("audit_record", second), dropped("audit_head", second))),
          Map.entry("roll the whole database back to a snapshot", AttackTableTest::rollBack),
          Map.entry(
              "remove old records without a record of a prune", AttackTableTest::removeOldRecords),
          Map.entry(
              "remove old records and forge the record of a prune", AttackTableTest::forgePrune),
          Map.entry(
              "remove more than the record of a prune names",
              () -> {
                prune();
                sql("DELETE FROM obolus.audit_record WHERE " + record(old.old(), 5));
              }),
          Map.entry("take a pruned record for one that still verifies", AttackTableTest::prune),
          Map.entry(
              "put a pruned record back",
              () -> {
                prune();
                putBack("k.seq = 4");
              }),
          Map.entry(
              "put all that was pruned back, from a backup",
              () -> {
                prune();
                putBack("true");
              }),
          Map.entry(
              "change the note of a prune",
              () -> {
                prune();
                sql(
                    "UPDATE obolus.audit_prune_note SET note = replace(note, '13 months', '12"
                        + " months')");
              }),
          Map.entry(
              "empty the log",
              () -> {
                dropTree();
                sql("DELETE FROM obolus.audit_record", "DELETE FROM obolus.audit_head");
              }),
          Map.entry("sign another history of the same size, with every key", AttackTableTest::fork),
          Map.entry(
              "change an entry of heads",
              () ->
                  sql(
                      "UPDATE obolus.audit_tree_span SET heads = set_byte(heads, 11, get_byte(heads,"
                          + " 11) # 1) WHERE heads IS NOT NULL")),
          Map.entry(
              "change a checkpoint",
              () ->
                  sql(
                      "UPDATE obolus.audit_checkpoint SET note = replace(note, E'\\n' || size ||"
                          + " E'\\n', E'\\n' || size + 1 || E'\\n')")),
          Map.entry(
              "seal another gateway's chain anew with a stolen chain key",
              () -> {
                sql(changed(first));
                owner(database -> stolen().sealAgain(database, first, 4));
              }),
          Map.entry(
              "seal a stolen gateway's chain anew with its own key",
              () -> {
                sql(changed(second));
                owner(database -> stolen().sealAgain(database, second, 4));
              }),
          Map.entry(
              "the same, and a tree that a key of one's own signs",
              () -> {
                sql(changed(second));
                owner(database -> stolen().sealAgain(database, second, 4));
                dropTree();
                Path file = folder.resolve("another.key");
                Files.deleteIfExists(file);
                old.sign(SigningKey.create(file, "obolus/test", new SecureRandom()));
              }),
          Map.entry(
              "open another chain with a stolen chain key",
              () -> owner(stolen().pretending(FREE)::write)),
          Map.entry(
              "seal a prune without two people's words for it",
              () -> {
                PrunePlan plan = old.plan(PrunedLog.SHORT);
                try (AuditDatabase log = fixture.openReady()) {
                  assertThat(PrunedLog.seal(log, plan, "olga").seq()).isPositive();
                }
                old.sign();
                removeOldRecords();
              }),
          Map.entry(
              "erase stored values in somebody's name from a stolen gateway, and change them",
              () -> {
                try (AuditDatabase log = fixture.openReady()) {
                  erase(log);
                }
                old.sign();
                changeValue();
              }),
          Map.entry("prune in two people's names from a stolen gateway", AttackTableTest::prune),
          Map.entry(
              "write lies in a stolen gateway's chain",
              () -> owner(new StolenKey(fixture.root(), FREE)::write)),
          Map.entry(
              "date records back in a stolen gateway's chain",
              () -> {
                Clock back = Clock.offset(Clock.systemUTC(), Duration.ofDays(-400));
                owner(database -> new StolenKey(fixture.root(), FREE).write(database, back));
                old.sign();
              }),
          Map.entry("do something and never write it", AttackTableTest::suppress),
          Map.entry(
              "show another value for a stored one, by another key", AttackTableTest::swapKey),
          Map.entry("show somebody a record that is not as it is stored", () -> {}),
          Map.entry("write from a gateway with another root key", AttackTableTest::rogue),
          Map.entry(
              "write lies from a gateway with the root key in use",
              () -> lie(Keyring.of(fixture.root()))),
          Map.entry(
              "write lies from a gateway with an earlier root key that is not revoked",
              () -> {
                lie(new Keyring(newer, List.of(fixture.root()), List.of()));
                lie(Keyring.of(fixture.root()));
                old.sign(List.of(newer, fixture.root()));
              }));

  /** Where it is not the whole log that is looked at. */
  private static final Map<String, Look> LOOKS =
      Map.of(
          "take a pruned record for one that still verifies",
          AttackTableTest::theRecord,
          "show somebody a record that is not as it is stored",
          AttackTableTest::whatIsShown);

  @BeforeAll
  static void writeTwoChains() throws Exception {
    old = PrunedLog.write(folder);
    fixture = old.fixture();
    newer = RootKey.create(folder.resolve("newer.key"), new SecureRandom());
    owner(new StolenKey(fixture.root(), LEFT)::write);
    first = writeChain();
    second = writeChain();
    for (String table : TABLES) {
      sql("CREATE TABLE kept_" + table + " AS SELECT * FROM obolus." + table);
    }
    kept = text("SELECT note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
  }

  /** Eight records and a last one, in the tree a few at a time, the head before the end too. */
  private static ChainId writeChain() throws Exception {
    ChainId chain;
    try (AuditDatabase log = fixture.openReady()) {
      chain = append(log, decided("deny")).chain();
      old.sign();
      for (int i = 0; i < 6; i++) {
        assertThat(append(log, decided("deny")).chain()).isEqualTo(chain);
      }
      old.sign();
    }
    old.sign();
    return chain;
  }

  @AfterEach
  void restore() throws SQLException {
    sql("TRUNCATE obolus.audit_cosignature, obolus.audit_timestamp, obolus.audit_checkpoint");
    for (String table : TABLES) {
      sql("DELETE FROM obolus." + table, "INSERT INTO obolus." + table + " TABLE kept_" + table);
    }
  }

  @Test
  void whatNobodyTouchedIsFoundSoundByAll() throws Exception {
    assertThat(answers(AttackTableTest::theLog)).containsExactly(NOT_FOUND, NOT_FOUND, NOT_FOUND);
  }

  @Test
  void everyRowOfTheDocsIsAnAttackAndEveryAttackARow() throws Exception {
    assertThat(rows().map(Row::attack)).containsExactlyInAnyOrderElementsOf(ATTACKS.keySet());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void attackIsFoundByWhomTheDocsSay(Row row) throws Exception {
    Attack attack = Objects.requireNonNull(ATTACKS.get(row.attack()), row.attack());
    attack.make();
    Look look = LOOKS.getOrDefault(row.attack(), AttackTableTest::theLog);
    assertThat(answers(look)).as(row.attack()).containsExactlyElementsOf(row.answers());
  }

  /** A row of the docs: the attack, and what each of the three auditors makes of it. */
  record Row(String attack, List<String> answers) {
    @Override
    public String toString() {
      return attack;
    }
  }

  /** Each row under the table's head, whatever stands in it. */
  static Stream<Row> rows() throws Exception {
    String all = Files.readString(DOCS);
    String section = all.substring(all.indexOf("\n## Attacks on the log\n") + 1);
    List<String> table =
        section
            .substring(0, section.indexOf("\n## ", 4))
            .lines()
            .filter(line -> line.startsWith("|"))
            .toList();
    assertThat(table.get(1)).startsWith("|---");
    return table.stream().skip(2).map(AttackTableTest::row);
  }

  private static Row row(String line) {
    List<String> cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
    assertThat(cells).as(line).hasSize(8);
    List<String> answers = cells.subList(3, 6);
    assertThat(List.of(FOUND, NOT_FOUND, GONE)).as(line).containsAll(answers);
    return new Row(cells.get(1), answers);
  }

  private static List<String> answers(Look look) throws Exception {
    List<String> answers = new ArrayList<>();
    for (Auditor auditor : Auditor.values()) {
      answers.add(look.by(auditor));
    }
    return answers;
  }

  private static String theLog(Auditor auditor) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return answer(verifier(auditor).verify(connection));
    }
  }

  /** One of those that were pruned. */
  private static String theRecord(Auditor auditor) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return answer(verifier(auditor).verify(connection, old.old(), 4));
    }
  }

  private static String answer(Verification found) {
    return switch (found.state()) {
      case BROKEN -> FOUND;
      case PRUNED -> GONE;
      case VERIFIED, PENDING -> NOT_FOUND;
    };
  }

  /** Who can check no proof has the log to look at, which is sound. */
  private static String whatIsShown(Auditor auditor) throws Exception {
    if (auditor == Auditor.ROOT_KEY) {
      return theLog(auditor);
    }
    String proof;
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      TileExport newest = TileExport.newest(new TreeStore(connection)).orElseThrow();
      proof = newest.proof(first, 4).orElseThrow().toString();
    }
    assertThat(isProven(proof)).isTrue();
    return isProven(doctored(proof)) ? NOT_FOUND : FOUND;
  }

  private static boolean isProven(String proof) throws Exception {
    try {
      assertThat(ProofFile.verify(proof, PublicKeys.of(old.publicKeys())).seq()).isEqualTo(4);
      return true;
    } catch (ProofFile.NotProven e) {
      return false;
    }
  }

  /** The last byte but one of the time that the record in it says. */
  private static String doctored(String proof) throws Exception {
    List<String> lines = new ArrayList<>(proof.lines().toList());
    byte[] record = Base64.getDecoder().decode(lines.get(1).substring("extra ".length()));
    long at = Parsed.of(record).whole(Parsed.AT);
    for (int i = 0; i + Long.BYTES <= record.length; i++) {
      if (ByteBuffer.wrap(record).getLong(i) == at) {
        record[i + 6] ^= 1;
      }
    }
    assertThat(Parsed.of(record).whole(Parsed.AT)).isNotEqualTo(at);
    lines.set(1, "extra " + Base64.getEncoder().encodeToString(record));
    return String.join("\n", lines) + "\n";
  }

  private static AuditVerifier verifier(Auditor auditor) throws Exception {
    AuditVerifier nobody = new AuditVerifier(Optional.empty());
    AuditVerifier stranger = nobody.with(PublicKeys.of(old.publicKeys()));
    return switch (auditor) {
      case ROOT_KEY ->
          nobody.with(
              List.of(
                  VerifierKey.read(fixture.rootKeyFile()),
                  VerifierKey.read(folder.resolve("newer.key"))));
      case PUBLIC_KEYS -> stranger;
      case KEPT -> stranger.holding(List.of(kept));
    };
  }

  private static void replay() throws SQLException {
    sql(
        "CREATE TEMP TABLE copied AS SELECT * FROM obolus.audit_record WHERE " + record(second, 4),
        "UPDATE copied SET seq = last.seq + 1, prev_mac = last.mac FROM obolus.audit_head last"
            + " WHERE last.chain = copied.chain",
        "INSERT INTO obolus.audit_record TABLE copied",
        "UPDATE obolus.audit_head h SET seq = copied.seq, mac = copied.mac FROM copied WHERE"
            + " h.chain = copied.chain");
  }

  private static void duplicate() throws SQLException {
    sql(
        "CREATE TABLE IF NOT EXISTS obolus.audit_record_200001 PARTITION OF obolus.audit_record"
            + " FOR VALUES FROM (200001) TO (200002)",
        "CREATE TEMP TABLE copied AS SELECT * FROM obolus.audit_record WHERE " + record(second, 4),
        "UPDATE copied SET epoch = 200001",
        "INSERT INTO obolus.audit_record TABLE copied");
  }

  private static void cutTail() throws SQLException {
    sql(
        "DELETE FROM obolus.audit_record WHERE seq > 5 AND chain = '\\x" + second + "'",
        "UPDATE obolus.audit_head h SET seq = 5, ended = false, mac = (SELECT mac FROM obolus.audit_record r"
            + " WHERE r.chain = h.chain AND seq = 5) WHERE chain = '\\x"
            + second
            + "'");
  }

  /** As the gateway's role, by what that role may call; nothing else is changed. */
  private static void endChain() throws SQLException {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT obolus.audit_end_chain(chain, seq, mac) FROM obolus.audit_head"
                    + " WHERE chain = '\\x"
                    + LEFT
                    + "'")) {
      assertThat(row.next() && row.getBoolean(1)).isTrue();
    }
  }

  private static void dropTree() throws SQLException {
    sql(
        "DELETE FROM obolus.audit_checkpoint",
        "DELETE FROM obolus.audit_tile",
        "DELETE FROM obolus.audit_tree_span");
  }

  /** As all was when only the first chain had been written. */
  private static void rollBack() throws SQLException {
    String then =
        "(SELECT min(first_index) FROM kept_audit_tree_span WHERE chain = '\\x" + second + "')";
    sql(
        "DELETE FROM obolus.audit_checkpoint WHERE size > " + then,
        "DELETE FROM obolus.audit_tree_span WHERE first_index >= " + then,
        dropped("audit_record", second),
        dropped("audit_head", second));
  }

  private static void fork() throws SQLException {
    dropTree();
    old.sign();
  }

  private static void rogue() throws Exception {
    Path file = folder.resolve("rogue.key");
    Files.deleteIfExists(file);
    lie(Keyring.of(RootKey.create(file, new SecureRandom())));
  }

  private static AuditDatabase open(Keyring keys) {
    return open(keys, Clock.systemUTC());
  }

  private static AuditDatabase open(Keyring keys, Clock clock) {
    return AuditDatabase.open(
        fixture.settings(TestPostgres.GATEWAY),
        fixture.logSettings(),
        keys,
        fixture.encryption(),
        new SecureRandom(),
        clock);
  }

  private static void lie(Keyring keys) {
    try (AuditDatabase rogue = open(keys)) {
      until(rogue.log()::ready);
      Receipt lie = append(rogue, decided("allow"));
      assertThat(lie.seq()).isEqualTo(2);
    }
  }

  private static void removeOldRecords() throws SQLException {
    sql(
        "DELETE FROM obolus.audit_record WHERE tenant = '"
            + PrunedLog.SHORT
            + "' AND epoch = "
            + PrunedLog.epoch());
  }

  private static void prune() throws Exception {
    assertThat(old.prune(PrunedLog.SHORT).seq()).isPositive();
  }

  /** By a gateway with a root key of its own, and somebody who writes a note under it. */
  private static void forgePrune() throws Exception {
    PrunePlan plan = old.plan(PrunedLog.SHORT);
    Path file = folder.resolve("pruner.key");
    Files.deleteIfExists(file);
    try (AuditDatabase rogue = open(Keyring.of(RootKey.create(file, new SecureRandom())))) {
      until(rogue.log()::ready);
      Receipt forged = PrunedLog.seal(rogue, plan, "omar");
      sql(
          "INSERT INTO obolus.audit_prune_note VALUES ('\\x"
              + forged.chain()
              + "', "
              + forged.seq()
              + ", 0, 'obolus-prune/v1')");
    }
    removeOldRecords();
  }

  /** In a chain under a root key of one's own, which nobody signs. */
  private static void forgeErasure() throws Exception {
    eraseElsewhere(Clock.systemUTC());
    changeValue();
  }

  /** The newest checkpoint is younger than that by more than a minute. */
  private static void forgeDestruction() throws Exception {
    eraseElsewhere(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-2)));
    sql("DELETE FROM obolus.audit_value_key WHERE name = '\\x" + valueKey().hex() + "'");
  }

  private static void eraseElsewhere(Clock clock) throws Exception {
    Path file = folder.resolve("eraser.key");
    Files.deleteIfExists(file);
    try (AuditDatabase rogue = open(Keyring.of(RootKey.create(file, new SecureRandom())), clock)) {
      until(rogue.log()::ready);
      erase(rogue);
    }
  }

  private static Bytes valueKey() throws Exception {
    String canonical =
        text("SELECT encode(canonical, 'hex') FROM obolus.audit_record WHERE " + record(first, 4));
    byte[] names = Parsed.of(Bytes.ofHex(canonical).toArray()).bytes(Parsed.VALUE_KEYS);
    return Bytes.of(Arrays.copyOf(names, 32));
  }

  /** Says that the key of a record's values is erased. */
  private static void erase(AuditDatabase log) throws Exception {
    AuditEvent.Erased erased =
        new AuditEvent.Erased(
            LogFixture.TENANT,
            new Person(LogFixture.TENANT, "omar"),
            "cli",
            "-",
            "asked for",
            "-",
            List.of(valueKey()));
    assertThat(append(log, erased).seq()).isEqualTo(2);
  }

  /** By a gateway that was changed to tell its log of every other decision. */
  private static void suppress() {
    try (AuditDatabase log = fixture.openReady()) {
      for (int i = 0; i < 8; i++) {
        AuditEvent.Decided decision = decided("allow");
        if (i % 2 == 0) {
          assertThat(append(log, decision).seq()).isEqualTo(2 + i / 2);
        }
      }
    }
    old.sign();
  }

  /**
   * By whoever has the key-encryption key: another key under the name of a record's, which is
   * refused for what it is. What it would be good for is {@code EquivocationTest}'s to show.
   */
  private static void swapKey() throws Exception {
    String where = " obolus.audit_value_key WHERE name = '\\x" + valueKey().hex() + "'";
    Bytes subject = Bytes.ofHex(text("SELECT encode(subject, 'hex') FROM" + where));
    int period = Integer.parseInt(text("SELECT period FROM" + where));
    byte[] another = new byte[32];
    new SecureRandom().nextBytes(another);
    KeyEncryption.Wrapped wrapped =
        fixture
            .encryption()
            .wrap(
                another,
                ByteBuffer.allocate(68)
                    .put(valueKey().toArray())
                    .put(subject.toArray())
                    .putInt(period)
                    .array());
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(shown(log)).isInstanceOf(Revealed.Value.class);
      sql(
          "UPDATE obolus.audit_value_key SET kek = '"
              + wrapped.version()
              + "', wrapped = '\\x"
              + wrapped.bytes().hex()
              + "' WHERE name = '\\x"
              + valueKey().hex()
              + "'");
      assertThatThrownBy(() -> shown(log))
          .hasMessageContaining("a key that goes by another's name");
    }
  }

  private static Revealed shown(AuditDatabase log) {
    return get(log.personalValues().reveal(Set.of(LogFixture.TENANT), first, 4, Field.STATEMENT));
  }

  private static void changeValue() throws SQLException {
    sql("UPDATE obolus.audit_record SET statement_value = '\\x00' WHERE " + record(first, 4));
  }

  private static void putBack(String which) throws SQLException {
    sql(
        "INSERT INTO obolus.audit_record SELECT * FROM kept_audit_record k WHERE "
            + which
            + " AND k.chain = '\\x"
            + old.old()
            + "' AND NOT EXISTS (SELECT FROM obolus.audit_record r WHERE r.chain = k.chain AND r.seq"
            + " = k.seq)");
  }

  private static String changed(ChainId chain) {
    return "UPDATE obolus.audit_record SET canonical = "
        + edited()
        + ", leaf = sha256('\\x00'::bytea || "
        + edited()
        + "), at_us = at_us # 1 WHERE "
        + record(chain, 4);
  }

  private static String dropped(String table, ChainId chain) {
    return "DELETE FROM obolus." + table + " WHERE chain = '\\x" + chain + "'";
  }

  private static String record(ChainId chain, long seq) {
    return "seq = " + seq + " AND chain = '\\x" + chain + "'";
  }

  /** The last byte but one of field 8, the time, which is a column too. */
  private static String edited() {
    String at = "position(int8send(at_us) in canonical) + 6";
    return "set_byte(canonical, " + at + ", get_byte(canonical, " + at + ") # 1)";
  }

  private static String text(String query) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  /** Of the second chain's gateway. */
  private static StolenKey stolen() {
    return new StolenKey(fixture.root(), second);
  }

  private interface Work {
    void on(Connection database) throws Exception;
  }

  /** Whoever has the whole database: no trigger and no key of a table stands in the way. */
  private static void owner(Work work) throws Exception {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      work.on(connection);
    }
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    }
  }
}
