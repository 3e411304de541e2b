// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.audit.retention.PrunedLog;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of attacks in {@code docs/threat-model.md}, row by row: each is made, and each of three
 * auditors finds it or does not, as the row says. What exactly is named is {@link SignedLogTest}'s
 * and {@link AuditVerifierTest}'s to say.
 */
class AttackTableTest {
  private static final Path DOCS = Path.of("../../docs/threat-model.md");
  private static final String FOUND = "found";
  private static final String NOT_FOUND = "—";
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

  @TempDir static Path folder;
  private static PrunedLog old;
  private static LogFixture fixture;
  private static ChainId first;
  private static ChainId second;
  private static String kept;

  private interface Attack {
    void make() throws Exception;
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
          Map.entry("write from a gateway with another root key", AttackTableTest::rogue),
          Map.entry(
              "write lies from a gateway with the root key in use", () -> lie(fixture.root())));

  @BeforeAll
  static void writeTwoChains() throws Exception {
    old = PrunedLog.write(folder);
    fixture = old.fixture();
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
    assertThat(answers()).containsExactly(NOT_FOUND, NOT_FOUND, NOT_FOUND);
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
    assertThat(answers()).as(row.attack()).containsExactlyElementsOf(row.answers());
  }

  /** A row of the docs: the attack, and what each of the three auditors makes of it. */
  record Row(String attack, List<String> answers) {
    @Override
    public String toString() {
      return attack;
    }
  }

  static Stream<Row> rows() throws Exception {
    List<Row> rows = new ArrayList<>();
    String all = Files.readString(DOCS);
    String table = all.substring(all.indexOf("\n## Attacks on the log\n") + 1);
    for (String line : table.substring(0, table.indexOf("\n## ", 4)).split("\n", -1)) {
      List<String> cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
      if (cells.size() == 8 && List.of(FOUND, NOT_FOUND).contains(cells.get(3))) {
        rows.add(new Row(cells.get(1), cells.subList(3, 6)));
      }
    }
    return rows.stream();
  }

  private static List<String> answers() throws Exception {
    PublicKeys log = PublicKeys.of(old.publicKeys());
    AuditVerifier stranger = new AuditVerifier(Optional.empty()).with(log);
    return List.of(
        answer(new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))),
        answer(stranger),
        answer(stranger.holding(List.of(kept))));
  }

  private static String answer(AuditVerifier auditor) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return auditor.verify(connection).state() == State.BROKEN ? FOUND : NOT_FOUND;
    }
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

  /** What a gateway's role may do: a chain without its last record, nobody's word for its end. */
  private static void endChain() throws SQLException {
    cutTail();
    dropTree();
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT obolus.audit_end_chain(chain, seq, mac) FROM obolus.audit_head"
                    + " WHERE chain = '\\x"
                    + second
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
    lie(RootKey.create(file, new SecureRandom()));
  }

  private static AuditDatabase open(RootKey root) {
    return open(root, Clock.systemUTC());
  }

  private static AuditDatabase open(RootKey root, Clock clock) {
    return AuditDatabase.open(
        fixture.settings(TestPostgres.GATEWAY),
        fixture.logSettings(),
        root,
        fixture.encryption(),
        new SecureRandom(),
        clock);
  }

  private static void lie(RootKey root) {
    try (AuditDatabase rogue = open(root)) {
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
    try (AuditDatabase rogue = open(RootKey.create(file, new SecureRandom()))) {
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
    try (AuditDatabase rogue = open(RootKey.create(file, new SecureRandom()), clock)) {
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
