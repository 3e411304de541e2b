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
import dev.obolus.audit.fsck.AuditVerifier.Word;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
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
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log of two chains under signed checkpoints, seen by somebody who holds its public keys and
 * nothing else, after each of the attacks that keys in the log's own hands would not show.
 */
class SignedLogTest {
  private static final String[] TABLES = {
    "audit_record",
    "audit_head",
    "audit_tree_span",
    "audit_tile",
    "audit_checkpoint",
    "audit_value_key"
  };

  @TempDir static Path folder;
  private static LogFixture fixture;
  private static SigningKey key;
  private static ChainId first;
  private static ChainId second;
  private static String newest;
  private static long size;

  @BeforeAll
  static void writeTwoChains() throws Exception {
    fixture = LogFixture.fresh(folder);
    key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    first = writeChain(300);
    second = writeChain(20);
    for (String table : TABLES) {
      superuser("CREATE TABLE kept_" + table + " AS SELECT * FROM obolus." + table);
    }
    newest = text("SELECT note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
    size = Long.parseLong(newest.split("\n", -1)[1]);
  }

  private static ChainId writeChain(int records) throws SQLException {
    ChainId chain;
    try (AuditDatabase log = fixture.openReady()) {
      try (Integrator integrator = integrator()) {
        chain = append(log, decided("deny")).chain();
        for (int i = 1; i < records; i++) {
          assertThat(append(log, decided("deny")).chain()).isEqualTo(chain);
        }
        until(() -> integrator.state() instanceof IntegratorState.Signing);
      }
    }
    Integrator last = integrator(); // takes in the chain's last record too
    until(() -> uncovered() == 0);
    last.close();
    return chain;
  }

  private static long uncovered() {
    try {
      return Long.parseLong(
          text(
              "SELECT (SELECT sum(seq) FROM obolus.audit_head) - coalesce((SELECT sum(leaves) FROM"
                  + " obolus.audit_tree_span WHERE chain IS NOT NULL), 0)"));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Integrator integrator() {
    return Integrator.start(
        () -> fixture.database().as("obolus_gateway"),
        new IntegratorSettings(
            key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMinutes(1)),
        Publishing.nowhere(),
        Clock.systemUTC());
  }

  @AfterEach
  void restore() throws SQLException {
    superuser("TRUNCATE obolus.audit_cosignature, obolus.audit_timestamp, obolus.audit_checkpoint");
    for (String table : TABLES) {
      superuser("DELETE FROM obolus." + table);
      superuser("INSERT INTO obolus." + table + " SELECT * FROM kept_" + table);
    }
  }

  @Test
  void aSoundLogVerifiesWithPublicKeysAlone() throws Exception {
    Verification found = verify();
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.keyed()).isFalse();
    assertThat(found.records()).isEqualTo(302 + 22);
    assertThat(found.pending()).isZero();
    assertThat(found.signed().orElseThrow().size()).isEqualTo(size);
  }

  @Test
  void recordsNewerThanTheNewestCheckpointArePending() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
    }
    Verification found = verify();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.pending()).isEqualTo(3);
    ChainId third =
        ChainId.parse(
            text(
                "SELECT encode(chain, 'hex') FROM obolus.audit_head ORDER BY opened_at DESC LIMIT 1"));
    assertThat(one(third, 2).state()).isEqualTo(State.PENDING);
    assertThat(one(first, 2).state()).isEqualTo(State.VERIFIED);
  }

  /** A second later it is signed. */
  @Test
  void anErasureThatIsNotSignedYetIsWaitedForAndNamed() throws Exception {
    ChainId eraser;
    try (AuditDatabase log = fixture.openReady()) {
      eraser = erase(log, valueKey());
    }
    destroy(valueKey());
    Verification found = verify();
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.PENDING);
    assertThat(found.awaited())
        .contains(new Verification.Awaited(LogFixture.TENANT, first, 2, eraser, 2));
    assertThat(found.awaited()).allMatch(one -> one.by().equals(eraser) && one.bySeq() == 2);
    Integrator signer = integrator();
    until(() -> uncovered() == 0);
    signer.close();
    Verification signed = verify();
    assertThat(signed.firstBad()).isEmpty();
    assertThat(signed.state()).isEqualTo(State.VERIFIED);
    assertThat(signed.awaited()).isEmpty();
  }

  @Test
  void anErasureThatIsNotSignedYetExcusesNoValueThatIsGoneOrChanged() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      ChainId _ = erase(log, valueKey());
    }
    destroy(valueKey());
    for (String value : List.of("NULL", "'\\x00'")) {
      superuser(
          "UPDATE obolus.audit_record SET statement_value = "
              + value
              + " WHERE seq = 2 AND chain = '\\x"
              + first
              + "'");
      assertThat(verify().firstBad().orElseThrow().fault()).isIn(Fault.VALUE, Fault.VALUE_MISSING);
    }
  }

  /** Whoever has the database and no key writes what is never signed. */
  @Test
  void aForgedErasureIsNotWaitedForOnceACheckpointIsYounger() throws Exception {
    try (AuditDatabase log = forger(Duration.ofMinutes(-2))) {
      ChainId _ = erase(log, valueKey());
    }
    destroy(valueKey());
    assertBroken(Fault.VALUE_KEY, first, 2, verify());
  }

  /** A record that is not sound stops the signer: then no checkpoint would ever be younger. */
  @Test
  void anErasureThatNobodySignsIsWaitedForAnHour() throws Exception {
    try (AuditDatabase log = forger(Duration.ZERO)) {
      ChainId _ = erase(log, valueKey());
    }
    destroy(valueKey());
    assertThat(verifyIn(Duration.ofMinutes(50)).state()).isEqualTo(State.PENDING);
    assertBroken(Fault.VALUE_KEY, first, 2, verifyIn(Duration.ofMinutes(70)));
  }

  @Test
  void anErasureOfATimeToComeIsNotWaitedFor() throws Exception {
    try (AuditDatabase log = forger(Duration.ofHours(3))) {
      ChainId _ = erase(log, valueKey());
    }
    destroy(valueKey());
    assertBroken(Fault.VALUE_KEY, first, 2, verify());
    assertThat(verifyIn(Duration.ofHours(3)).state()).isEqualTo(State.PENDING);
  }

  /** What waits is read again by the next verification. */
  @Test
  void nothingIsWrittenDownWhileAnErasureIsWaitedFor() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      ChainId _ = erase(log, valueKey());
    }
    destroy(valueKey());
    List<String> bookmarks = new ArrayList<>();
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      AuditVerifier verifier =
          new AuditVerifier(Optional.empty())
              .with(keys(key))
              .goingOn(Optional.empty(), bookmarks::add);
      assertThat(verifier.verify(connection).state()).isEqualTo(State.PENDING);
    }
    assertThat(bookmarks).isEmpty();
  }

  /** Of the first chain's second record, and of others. */
  private static Bytes valueKey() throws Exception {
    String canonical =
        text(
            "SELECT encode(canonical, 'hex') FROM obolus.audit_record WHERE seq = 2 AND chain ="
                + " '\\x"
                + first
                + "'");
    byte[] names = Parsed.of(Bytes.ofHex(canonical).toArray()).bytes(Parsed.VALUE_KEYS);
    return Bytes.of(Arrays.copyOf(names, 32));
  }

  private static ChainId erase(AuditDatabase log, Bytes key) {
    Receipt erased =
        append(
            log,
            new AuditEvent.Erased(
                LogFixture.TENANT,
                new Person(LogFixture.TENANT, "omar"),
                "cli",
                "-",
                "asked for",
                "-",
                List.of(key)));
    assertThat(erased.seq()).isEqualTo(2);
    return erased.chain();
  }

  private static void destroy(Bytes key) throws SQLException {
    superuser("DELETE FROM obolus.audit_value_key WHERE name = '\\x" + key.hex() + "'");
  }

  /** A gateway under a root key of one's own, at another time. */
  private static AuditDatabase forger(Duration later) throws Exception {
    Path file = folder.resolve("forger.key");
    Files.deleteIfExists(file);
    AuditDatabase forger =
        AuditDatabase.open(
            fixture.settings("obolus_gateway"),
            fixture.logSettings(),
            RootKey.create(file, new SecureRandom()),
            fixture.encryption(),
            new SecureRandom(),
            Clock.offset(Clock.systemUTC(), later));
    until(forger.log()::ready);
    return forger;
  }

  private static Verification verifyIn(Duration later) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty())
          .with(keys(key))
          .at(Clock.offset(Clock.systemUTC(), later))
          .verify(connection);
    }
  }

  @Test
  void withoutCheckpointsNothingIsProvenToAStranger() throws Exception {
    superuser("DELETE FROM obolus.audit_checkpoint");
    superuser("DELETE FROM obolus.audit_tile");
    superuser("DELETE FROM obolus.audit_tree_span");
    assertThat(verify().state()).isEqualTo(State.PENDING);
  }

  /** What an intruder who recomputes hashes does: leaf and canonical bytes agree again. */
  @Test
  void anEditedRecordWithALeafOfItsOwnIsNamed() throws Exception {
    edit(first, 40);
    assertBroken(Fault.ENTRY, first, 40, verify());
    assertThat(one(first, 40).firstBad().orElseThrow().fault()).isEqualTo(Fault.ENTRY);
  }

  @Test
  void anEditedRecordInTheUnfinishedTileIsFoundByTheRoot() throws Exception {
    edit(second, 10);
    Verification found = verify();
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(Fault.ROOT);
  }

  @Test
  void aTailCutOffTogetherWithItsHeadIsNamed() throws Exception {
    cut();
    assertBroken(Fault.TRUNCATED, second, 16, verify());
  }

  @Test
  void aWholeChainDroppedIsNamed() throws Exception {
    superuser("DELETE FROM obolus.audit_record WHERE chain = '\\x" + first + "'");
    superuser("DELETE FROM obolus.audit_head WHERE chain = '\\x" + first + "'");
    Verification found = verify();
    assertThat(found.state()).isEqualTo(State.BROKEN);
    assertThat(found.firstBad().orElseThrow().chain()).isEqualTo(first);
  }

  @Test
  void aChainThatNoOtherWroteDownIsNamedByTheTreeWhenItIsDropped() throws Exception {
    superuser("DELETE FROM obolus.audit_record WHERE chain = '\\x" + second + "'");
    superuser("DELETE FROM obolus.audit_head WHERE chain = '\\x" + second + "'");
    assertBroken(Fault.TREE, second, 1, verify());
  }

  /** An earlier snapshot is sound in itself: only what was kept elsewhere shows it. */
  @Test
  void aSnapshotRestoredIsSoundUntilItIsHeldAgainstAKeptCheckpoint() throws Exception {
    restoreFirstSnapshot();
    assertThat(verify().state()).isEqualTo(State.VERIFIED);
    Verification held = verifyHolding(newest);
    assertThat(held.state()).isEqualTo(State.BROKEN);
    assertThat(held.firstBad().orElseThrow().sentence())
        .startsWith("the log was cut off or set back: a tree of " + size + " entries was signed");
  }

  /** Whoever holds every key of the log writes another history of the same size. */
  @Test
  void twoCheckpointsOfOneSizeAreTold() throws Exception {
    superuser("DELETE FROM obolus.audit_checkpoint");
    superuser("DELETE FROM obolus.audit_tile");
    superuser("DELETE FROM obolus.audit_tree_span");
    Integrator forger = integrator(); // all at once: another order of heads
    until(() -> uncovered() == 0);
    forger.close();
    assertThat(verify().state()).isEqualTo(State.VERIFIED);
    long forged = Long.parseLong(text("SELECT max(size) FROM obolus.audit_checkpoint"));
    String small =
        text(
            "SELECT note FROM kept_audit_checkpoint WHERE size <= "
                + forged
                + " ORDER BY size DESC LIMIT 1");
    assertThat(verifyHolding(small).firstBad().orElseThrow().fault())
        .isIn(Fault.ROOT, Fault.TRUNCATED);
    assertThat(verifyHolding(newest).state()).isEqualTo(State.BROKEN);
  }

  @Test
  void aCheckpointSignedByAnotherKeyIsRefused() throws Exception {
    SigningKey other =
        SigningKey.create(folder.resolve("other.key"), "obolus/test", new SecureRandom());
    Verification found =
        new AuditVerifier(Optional.empty())
            .with(keys(other))
            .verify(fixture.database().as("obolus_gateway"));
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(Fault.SIGNATURE);
  }

  @Test
  void aChangedTileIsNamed() throws Exception {
    superuser(
        "UPDATE obolus.audit_tile SET hashes = set_byte(hashes, 5000, get_byte(hashes, 5000) # 1)");
    Verification found = verify();
    assertThat(found.firstBad().orElseThrow().fault()).isIn(Fault.ENTRY, Fault.TREE);
  }

  @Test
  void aChangedEntryOfHeadsIsNamed() throws Exception {
    superuser(
        "UPDATE obolus.audit_tree_span SET heads = set_byte(heads, 10, get_byte(heads, 10) # 1) WHERE first_index = (SELECT min(first_index) FROM obolus.audit_tree_span WHERE heads IS NOT NULL)");
    assertThat(verify().firstBad().orElseThrow().fault()).isIn(Fault.TREE, Fault.ROOT);
  }

  @Test
  void recordsThatTheTreeGivesAnotherPlaceAreNamed() throws Exception {
    superuser(
        "UPDATE obolus.audit_tree_span SET first_seq = first_seq + 1 WHERE first_index = (SELECT max(first_index) FROM obolus.audit_tree_span WHERE chain IS NOT NULL)");
    assertThat(verify().state()).isEqualTo(State.BROKEN);
  }

  /** The gateway's role may add rows to the tree: what it adds is a fault, and no crash. */
  @Test
  void aRunThatIsLongerThanAnyIsNamed() throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement()) {
      boolean _ =
          statement.execute(
              "INSERT INTO obolus.audit_tree_span (first_index, leaves, chain, first_seq, last_mac)"
                  + " SELECT "
                  + size
                  + ", 2147483647, chain, seq + 1, mac FROM obolus.audit_head WHERE chain = '\\x"
                  + second
                  + "'");
    }
    assertThat(verify().firstBad().orElseThrow().fault()).isEqualTo(Fault.TREE);
    assertThat(one(second, 2).state()).isEqualTo(State.VERIFIED);
  }

  /** A row of the tree's tables proves nothing: what leads to the signed root does. */
  @Test
  void aPlaceInTheTreeThatIsMadeUpDoesNotVerifyARecord() throws Exception {
    ChainId forged;
    try (AuditDatabase log = forger(Duration.ZERO)) {
      forged = erase(log, valueKey());
    }
    assertThat(one(forged, 2).state()).isEqualTo(State.PENDING);
    for (long place : new long[] {size, size - 3, 3}) {
      superuser(
          "DELETE FROM obolus.audit_tree_span WHERE chain = '\\x"
              + forged
              + "' OR first_index IN ("
              + place
              + ", "
              + (place + 1)
              + ")");
      superuser(
          "INSERT INTO obolus.audit_tree_span (first_index, leaves, chain, first_seq, last_mac)"
              + " SELECT "
              + place
              + ", 2, chain, 1, mac FROM obolus.audit_head WHERE chain = '\\x"
              + forged
              + "'");
      Verification found = one(forged, 2);
      assertThat(found.state()).isEqualTo(place == size ? State.PENDING : State.BROKEN);
    }
  }

  @Test
  void aMadeUpPlaceInTheTreeExcusesNoValueOfARecord() throws Exception {
    ChainId forged;
    try (AuditDatabase log = forger(Duration.ZERO)) {
      forged = erase(log, valueKey());
    }
    superuser(
        "UPDATE obolus.audit_record SET statement_value = '\\x00' WHERE seq = 2 AND chain = '\\x"
            + first
            + "'");
    superuser(
        "INSERT INTO obolus.audit_tree_span (first_index, leaves, chain, first_seq, last_mac)"
            + " SELECT "
            + size
            + ", 2, chain, 1, mac FROM obolus.audit_head WHERE chain = '\\x"
            + forged
            + "'");
    assertBroken(Fault.VALUE, first, 2, one(first, 2));
  }

  @Test
  void aRecordIsVerifiedUnderTheNewestCheckpointOnly() throws Exception {
    Verification found = one(second, 20);
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.signed().orElseThrow().size()).isEqualTo(size);
    superuser(
        "UPDATE obolus.audit_checkpoint SET note = overlay(note PLACING 'AAAA' FROM"
            + " length(note) - 8) WHERE size = "
            + size);
    assertThat(one(second, 20).firstBad().orElseThrow().fault()).isEqualTo(Fault.SIGNATURE);
    superuser("DELETE FROM obolus.audit_checkpoint WHERE size = " + size);
    assertThat(one(second, 22).state()).isEqualTo(State.PENDING);
    superuser("DELETE FROM obolus.audit_checkpoint");
    assertThat(one(first, 2).state()).isEqualTo(State.PENDING);
  }

  @Test
  void anEditedRecordInTheUnfinishedTileIsNamedWhenItIsVerified() throws Exception {
    edit(second, 10);
    assertThat(one(second, 10).firstBad().orElseThrow().fault()).isEqualTo(Fault.ROOT);
  }

  @Test
  void oneRecordIsVouchedForWithoutReadingHeadsOrKeysOfValues() throws Exception {
    superuser("REVOKE SELECT ON obolus.audit_head, obolus.audit_value_key FROM obolus_gateway");
    try {
      assertThat(vouch(List.of(), true, first, 40)).isEqualTo(Word.SEALED);
      assertThat(vouch(List.of(), true, second, 20)).isEqualTo(Word.SEALED);
      assertThat(vouch(List.of(fixture.rootKeyFile()), false, first, 40)).isEqualTo(Word.SEALED);
      assertThat(vouch(List.of(), false, first, 40)).isEqualTo(Word.UNSURE);
      assertThat(vouch(List.of(), true, first, 4_000)).isEqualTo(Word.UNSURE);
    } finally {
      superuser("GRANT SELECT ON obolus.audit_head, obolus.audit_value_key TO obolus_gateway");
    }
  }

  @Test
  void aRecordUnderARootKeyThatIsNotHereIsNotCalledForged() throws Exception {
    Path another = folder.resolve("another.key");
    RootKey _ = RootKey.create(another, new SecureRandom());
    assertThat(vouch(List.of(another), false, first, 40)).isEqualTo(Word.UNSURE);
    assertThat(vouch(List.of(another), true, first, 40)).isEqualTo(Word.SEALED);
  }

  @Test
  void noKeyVouchesForAnEditedRecordWithALeafOfItsOwn() throws Exception {
    edit(first, 40);
    assertThat(vouch(List.of(), true, first, 40)).isEqualTo(Word.UNSURE);
    assertThat(vouch(List.of(fixture.rootKeyFile()), true, first, 40)).isEqualTo(Word.FORGED);
    assertThat(vouch(List.of(fixture.rootKeyFile()), true, first, 41)).isEqualTo(Word.SEALED);
  }

  @Test
  void noKeyVouchesForARecordWhosePlaceInTheTreeIsMadeUp() throws Exception {
    edit(second, 10);
    assertThat(vouch(List.of(), true, second, 10)).isEqualTo(Word.UNSURE);
    superuser(
        "UPDATE obolus.audit_tree_span SET first_index = first_index + 1000 WHERE chain = '\\x"
            + first
            + "' AND first_seq = (SELECT max(first_seq) FROM obolus.audit_tree_span WHERE chain = '\\x"
            + first
            + "')");
    assertThat(vouch(List.of(), true, first, 302)).isEqualTo(Word.UNSURE);
  }

  private static Word vouch(List<Path> roots, boolean signatures, ChainId chain, long seq)
      throws Exception {
    List<VerifierKey> keys = new ArrayList<>();
    for (Path root : roots) {
      keys.add(VerifierKey.read(root));
    }
    AuditVerifier verifier = new AuditVerifier(Optional.empty()).with(keys);
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return (signatures ? verifier.with(keys(key)) : verifier).vouch(connection, chain, seq);
    }
  }

  private static void edit(ChainId chain, long seq) throws SQLException {
    superuser(
        "UPDATE obolus.audit_record SET canonical = "
            + flipped()
            + ", leaf = sha256('\\x00'::bytea || "
            + flipped()
            + "), at_us = at_us # 1"
            + " WHERE chain = '\\x"
            + chain
            + "' AND seq = "
            + seq);
  }

  /** The last byte of field 8, the time, which is a column too. */
  private static String flipped() {
    String at = "position(int8send(at_us) in canonical) + 6";
    return "set_byte(canonical, " + at + ", get_byte(canonical, " + at + ") # 1)";
  }

  private static void cut() throws SQLException {
    superuser("DELETE FROM obolus.audit_record WHERE chain = '\\x" + second + "' AND seq > 15");
    superuser(
        "UPDATE obolus.audit_head h SET seq = 15, mac = (SELECT mac FROM obolus.audit_record r"
            + " WHERE r.chain = h.chain AND seq = 15) WHERE chain = '\\x"
            + second
            + "'");
  }

  /** As the database was when only the first chain had been written. */
  private static void restoreFirstSnapshot() throws SQLException {
    String then =
        "(SELECT min(first_index) FROM kept_audit_tree_span WHERE chain = '\\x" + second + "')";
    superuser("DELETE FROM obolus.audit_checkpoint WHERE size > " + then);
    superuser("DELETE FROM obolus.audit_tree_span WHERE first_index >= " + then);
    superuser("DELETE FROM obolus.audit_record WHERE chain = '\\x" + second + "'");
    superuser("DELETE FROM obolus.audit_head WHERE chain = '\\x" + second + "'");
  }

  private static void assertBroken(Fault fault, ChainId chain, long seq, Verification found) {
    assertThat(found.state()).isEqualTo(State.BROKEN);
    Verification.Bad bad = found.firstBad().orElseThrow();
    assertThat(bad.sentence()).contains("" + seq);
    assertThat(bad.fault()).as(bad.sentence()).isEqualTo(fault);
    assertThat(bad.chain()).as(bad.sentence()).isEqualTo(chain);
    assertThat(bad.seq()).isEqualTo(seq);
  }

  private static Verification verify() throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty()).with(keys(key)).verify(connection);
    }
  }

  private static Verification verifyHolding(String note) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty())
          .with(keys(key))
          .holding(List.of(note))
          .verify(connection);
    }
  }

  private static Verification one(ChainId chain, long seq) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty()).with(keys(key)).verify(connection, chain, seq);
    }
  }

  private static PublicKeys keys(SigningKey of) throws Exception {
    return PublicKeys.of(of.logKeys().stream().map(NoteKey::toString).toList());
  }

  private static String text(String query) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private static void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      boolean _ = statement.execute(sql);
    }
  }
}
