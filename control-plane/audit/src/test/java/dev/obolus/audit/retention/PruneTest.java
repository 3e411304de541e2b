// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.retention;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.until;
import static dev.obolus.audit.retention.PrunedLog.LONG;
import static dev.obolus.audit.retention.PrunedLog.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.export.WhoAccessed;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.ProofFile;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.Verification.Pruned;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records leave the log, and what stays is proven; whatever else is missing is named. */
class PruneTest {
  private static final String[] TABLES = {
    "audit_record",
    "audit_head",
    "audit_tree_span",
    "audit_tile",
    "audit_checkpoint",
    "audit_prune_note",
    "audit_value_key"
  };

  @TempDir static Path folder;
  private static PrunedLog log;
  private static String proof;
  private static String kept;

  @BeforeAll
  static void write() throws Exception {
    log = PrunedLog.write(folder);
    proof = proof(log.old(), 2).orElseThrow();
    for (String table : TABLES) {
      log.sql("CREATE TABLE kept_" + table + " AS SELECT * FROM obolus." + table);
    }
    kept = log.text("SELECT note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
  }

  @AfterEach
  void restore() {
    log.sql("TRUNCATE obolus.audit_cosignature, obolus.audit_timestamp, obolus.audit_checkpoint");
    for (String table : TABLES) {
      restore(table);
    }
  }

  private static void restore(String table) {
    log.sql("DELETE FROM obolus." + table, "INSERT INTO obolus." + table + " TABLE kept_" + table);
  }

  @Test
  void whatIsPrunedIsGoneAndListedAndTheRestVerifies() throws Exception {
    assertThat(sound()).allSatisfy(found -> assertThat(found.pruned()).isEmpty());
    long others = count("tenant <> '" + SHORT + "'");
    long going = count("tenant = '" + SHORT + "' AND epoch = " + PrunedLog.epoch());
    Receipt record = log.prune(SHORT);
    assertThat(count("tenant = '" + SHORT + "' AND epoch = " + PrunedLog.epoch())).isZero();
    assertThat(count("tenant <> '" + SHORT + "'")).isGreaterThan(others);
    for (Verification found : sound()) {
      assertThat(found.pruned()).hasSize(2);
      assertThat(found.pruned())
          .allSatisfy(pruned -> {
            assertThat(pruned.removed()).isTrue();
            assertThat(pruned.epoch()).isEqualTo(PrunedLog.epoch());
            assertThat(pruned.by()).isEqualTo(record.chain());
            assertThat(pruned.bySeq()).isEqualTo(record.seq());
          });
      assertThat(found.pruned().stream().mapToLong(Pruned::records).sum()).isEqualTo(going);
    }
  }

  @Test
  void tenantWithALongerRetentionIsPrunedLaterByARecordOfBoth() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    assertThat(count("tenant = '" + LONG + "' AND epoch = " + PrunedLog.epoch())).isEqualTo(12);
    PrunePlan rest = log.plan(LONG);
    assertThat(rest.tenants()).containsExactlyInAnyOrder(SHORT, LONG);
    assertThat(rest.records()).isEqualTo(12);
    assertThat(log.prune(LONG).seq()).isPositive();
    assertThat(count("epoch = " + PrunedLog.epoch() + " AND tenant <> '-'")).isZero();
    assertThat(sound()).allSatisfy(found -> assertThat(found.pruned()).hasSize(2));
  }

  @Test
  void proofFromBeforeStaysTrueAndAnotherOfWhatIsGoneIsNotMade() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    assertThat(ProofFile.verify(proof, keys()).seq()).isEqualTo(2);
    assertThat(proof(log.old(), 1)).isPresent();
    assertThat(proof(log.old(), 2)).isEmpty();
    assertThat(count("seq = 2 AND chain = '\\x" + log.old() + "'")).isZero();
  }

  @Test
  void withoutARecordWhatIsMissingIsBroken() throws Exception {
    log.sql("DELETE FROM obolus.audit_record WHERE seq = 3 AND chain = '\\x" + log.old() + "'");
    assertBroken(Fault.MISSING, 3);
  }

  @Test
  void moreMissingThanTheRecordNamesIsBroken() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    log.sql(
        "DELETE FROM obolus.audit_record WHERE chain = '\\x"
            + log.old()
            + "' AND seq = (SELECT max(seq) FROM obolus.audit_record WHERE tenant = '"
            + LONG
            + "' AND chain = '\\x"
            + log.old()
            + "')");
    assertBroken(Fault.PRUNED_OTHERWISE, 2);
  }

  @Test
  void lessMissingThanTheRecordNamesIsBroken() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    log.sql(
        "INSERT INTO obolus.audit_record SELECT * FROM kept_audit_record WHERE seq = 3 AND chain ="
            + " '\\x"
            + log.old()
            + "'");
    assertBroken(Fault.PRUNED_OTHERWISE, 2);
  }

  @Test
  void linkAfterWhatIsGoneIsCheckedWithAndWithoutTheKey() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    log.sql(
        "UPDATE obolus.audit_record SET prev_mac = sha256(prev_mac) WHERE chain = '\\x"
            + log.old()
            + "' AND seq = (SELECT min(seq) FROM obolus.audit_record WHERE seq > 1 AND chain = '\\x"
            + log.old()
            + "')");
    assertThat(fault(keyed())).isEqualTo(Fault.PREVIOUS);
    assertThat(fault(stranger())).isEqualTo(Fault.PRUNED_OTHERWISE);
  }

  @Test
  void recordThatNamesMoreThanItShouldIsNotCarriedOut() throws Exception {
    PrunePlan plan = log.plan(SHORT);
    List<String> wrong =
        plan.chains().stream()
            .map(line -> line.replaceFirst(" (\\d+) ([0-9a-f]{64})$", " 3 $2"))
            .toList();
    Receipt record =
        log.seal(
            new PrunePlan(plan.epoch(), plan.tenants(), wrong, plan.tree(), plan.records(), false));
    log.sign();
    assertThatThrownBy(() -> log.carryOut(record)).hasMessageContaining("the log is not as");
    assertThat(count("TRUE")).isGreaterThan(300);
  }

  @Test
  void nothingGoesBeforeTheLogHasSignedTheRecord() throws Exception {
    Receipt record = log.seal(log.plan(SHORT));
    assertThatThrownBy(() -> log.carryOut(record)).hasMessageContaining("no signed record");
    log.sql(
        "DELETE FROM obolus.audit_record WHERE tenant = '"
            + SHORT
            + "' AND epoch = "
            + PrunedLog.epoch());
    assertThat(fault(stranger())).as("a stranger wants the log's word").isEqualTo(Fault.MISSING);
  }

  /**
   * Whoever took a gateway over seals what he likes in its chain: not alone in everybody's name.
   */
  @Test
  void withoutTwoPeoplesWordsNoPruneIsSignedOrBelieved() throws Exception {
    PrunePlan plan = log.plan(SHORT);
    PrunePlan other =
        new PrunePlan(plan.epoch(), plan.tenants(), List.of(), plan.tree(), plan.records(), false);
    List<Receipt> records = new ArrayList<>();
    try (AuditDatabase gateway = log.fixture().openReady()) {
      records.add(PrunedLog.seal(gateway, plan, "olga"));
      Receipt lonely = append(gateway, PrunedLog.pruned(plan, List.of("p-a", "p-b"), "-"));
      records.add(lonely);
      String places = records.getFirst().chain() + " 2 " + records.getFirst().chain() + " 3";
      records.add(append(gateway, PrunedLog.pruned(plan, List.of("p-a", "p-b"), places)));
      Receipt elsewhere = PrunedLog.seal(gateway, other, "omar");
      String of = elsewhere.chain() + " " + (elsewhere.seq() - 2);
      String and = elsewhere.chain() + " " + (elsewhere.seq() - 1);
      records.add(
          append(
              gateway, PrunedLog.pruned(plan, PrunedLog.people(gateway, "omar"), of + " " + and)));
    }
    log.sign();
    for (Receipt record : records) {
      assertThatThrownBy(() -> log.carryOut(record)).hasMessageContaining("no signed record");
    }
    log.sql(
        "DELETE FROM obolus.audit_record WHERE tenant = '"
            + SHORT
            + "' AND epoch = "
            + PrunedLog.epoch());
    assertThat(fault(keyed())).isEqualTo(Fault.MISSING);
    assertThat(fault(stranger())).isEqualTo(Fault.MISSING);
  }

  /** Killed between record and removal: nothing is gone, and doing it again does it. */
  @Test
  void prunesThatWereNotCarriedOutAreListedAndCanBeCarriedOutAgainAndAgain() throws Exception {
    Receipt record = log.seal(log.plan(SHORT));
    log.sign();
    assertThat(sound())
        .allSatisfy(found -> assertThat(found.pruned()).isNotEmpty().noneMatch(Pruned::removed));
    assertThat(log.carryOut(record)).isPositive();
    assertThat(log.carryOut(record)).isZero();
    assertThat(sound())
        .allSatisfy(found -> assertThat(found.pruned()).isNotEmpty().allMatch(Pruned::removed));
  }

  @Test
  void recordsRestoredFromABackupAreSoundAndCanBeRemovedAgain() throws Exception {
    Receipt record = log.prune(SHORT);
    log.sql(
        "INSERT INTO obolus.audit_record SELECT * FROM kept_audit_record k WHERE NOT EXISTS (SELECT"
            + " FROM obolus.audit_record r WHERE r.chain = k.chain AND r.seq = k.seq)");
    assertThat(sound()).allSatisfy(found -> assertThat(found.pruned()).noneMatch(Pruned::removed));
    assertThat(log.carryOut(record)).isPositive();
    assertThat(sound()).allSatisfy(found -> assertThat(found.pruned()).allMatch(Pruned::removed));
  }

  @Test
  void wholeDatabaseRestoredFromBeforeIsFoundByAKeptCheckpoint() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    String newer = log.text("SELECT note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
    assertThat(fault(stranger().holding(List.of(kept)))).isNull();
    restore();
    assertThat(fault(stranger().holding(List.of(newer)))).isEqualTo(Fault.TRUNCATED);
  }

  @Test
  void noteOrHeadThatSaysSomethingElseIsBroken() throws Exception {
    Receipt record = log.prune(SHORT);
    log.sql("UPDATE obolus.audit_prune_note SET note = replace(note, '13 months', '12 months')");
    assertThat(fault(stranger())).isEqualTo(Fault.PRUNE);
    assertThat(fault(keyed())).isEqualTo(Fault.PRUNE);
    log.sql("DELETE FROM obolus.audit_prune_note");
    assertThat(fault(stranger())).isEqualTo(Fault.MISSING);
    assertThat(record.seq()).isPositive();
  }

  /** Whoever has the database and a root key of his own makes a record, and a note by his key. */
  @Test
  void forgedRecordExcusesNothing() throws Exception {
    PrunePlan plan = log.plan(SHORT);
    RootKey another = RootKey.create(folder.resolve("rogue.key"), new SecureRandom());
    Receipt forged;
    try (AuditDatabase rogue =
        AuditDatabase.open(
            log.fixture().settings(TestPostgres.GATEWAY),
            log.fixture().logSettings(),
            another,
            log.fixture().encryption(),
            new SecureRandom(),
            Clock.systemUTC())) {
      until(rogue.log()::ready);
      forged = PrunedLog.seal(rogue, plan, "omar");
    }
    log.sql(
        "DELETE FROM obolus.audit_record WHERE tenant = '"
            + SHORT
            + "' AND epoch = "
            + PrunedLog.epoch());
    assertThat(fault(keyed())).isEqualTo(Fault.KEY);
    assertThat(fault(stranger())).isEqualTo(Fault.MISSING);
    log.sql(
        "INSERT INTO obolus.audit_prune_note VALUES ('\\x"
            + forged.chain()
            + "', "
            + forged.seq()
            + ", 0, 'obolus-prune/v1')");
    assertThat(fault(stranger())).isEqualTo(Fault.PRUNE);
  }

  @Test
  void gatewayAndConsoleMayNotRemoveAnything() throws Exception {
    Receipt record = log.seal(log.plan(SHORT));
    log.sign();
    String call = "SELECT obolus.audit_prune('\\x" + record.chain() + "', " + record.seq() + ")";
    for (String role : new String[] {TestPostgres.GATEWAY, TestPostgres.CONSOLE}) {
      assertThatThrownBy(() -> as(role, call)).hasMessageContaining("permission denied");
    }
    assertThatThrownBy(() -> as(TestPostgres.GATEWAY, "UPDATE obolus.audit_prune_note SET seq = 1"))
        .hasMessageContaining("permission denied");
  }

  @Test
  void whatIsNotUnderACheckpointOrNotOverIsNotPlanned() throws Exception {
    log.sql("UPDATE obolus.audit_head SET ended = false WHERE chain = '\\x" + log.old() + "'");
    assertThatThrownBy(() -> log.plan(SHORT)).hasMessageContaining("has not ended");
    restore("audit_head");
    log.sql("DELETE FROM obolus.audit_tree_span WHERE chain = '\\x" + log.old() + "'");
    assertThatThrownBy(() -> log.plan(SHORT)).hasMessageContaining("not yet under a signed");
    log.sql("DELETE FROM obolus.audit_checkpoint");
    assertThatThrownBy(() -> log.plan(SHORT)).hasMessageContaining("No checkpoint");
  }

  @Test
  void oneRecordVerifiesBesideWhatIsGone() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      long stays =
          Long.parseLong(
              log.text(
                  "SELECT min(seq) FROM obolus.audit_record WHERE seq > 1 AND chain = '\\x"
                      + log.old()
                      + "'"));
      Verification there = keyed().verify(connection, log.old(), stays);
      assertThat(there.firstBad()).isEmpty();
      assertThat(there.records()).isEqualTo(1);
    }
  }

  @Test
  void aRecordThatWasPrunedIsSaidToBeSoAndNeverToVerify() throws Exception {
    Receipt record = log.prune(SHORT);
    for (AuditVerifier auditor : List.of(keyed(), stranger())) {
      Verification gone = verifyOne(auditor, 2);
      assertThat(gone.state()).isEqualTo(State.PRUNED);
      assertThat(gone.records()).isZero();
      assertThat(gone.pruned())
          .singleElement()
          .satisfies(prune -> {
            assertThat(prune.by()).isEqualTo(record.chain());
            assertThat(prune.bySeq()).isEqualTo(record.seq());
            assertThat(prune.people()).doesNotHaveDuplicates().hasSize(2);
          });
    }
  }

  /** Of the tree's tables only the way to the signed root tells that its leaf was there. */
  @Test
  void aPrunedRecordsLeafMustLeadToTheSignedRoot() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    log.sql(
        "UPDATE obolus.audit_tile SET hashes = overlay(hashes PLACING sha256(hashes) FROM"
            + " length(hashes) - 31) WHERE level = 0 AND tile = 0");
    assertThat(verifyOne(stranger(), 2).firstBad().orElseThrow().fault()).isEqualTo(Fault.ROOT);
    restore("audit_tile");
    log.sql("DELETE FROM obolus.audit_record WHERE chain = '\\x" + log.old() + "' AND seq = 6");
    assertThat(verifyOne(stranger(), 6).firstBad().orElseThrow().fault())
        .as("of another tenant")
        .isEqualTo(Fault.TENANT_SEQ);
  }

  private static Verification verifyOne(AuditVerifier auditor, long seq) throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      return auditor.verify(connection, log.old(), seq);
    }
  }

  @Test
  void verificationThatGoesOnFromBeforeThePruneFindsTheSame() throws Exception {
    StringBuilder bookmark = new StringBuilder();
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      assertThat(
              keyed()
                  .goingOn(
                      Optional.empty(),
                      text -> {
                        bookmark.setLength(0);
                        bookmark.append(text);
                      })
                  .verify(connection)
                  .state())
          .isEqualTo(State.VERIFIED);
    }
    assertThat(log.prune(SHORT).seq()).isPositive();
    AuditVerifier goingOn = keyed().goingOn(Optional.of(bookmark.toString()), text -> {});
    assertThat(fault(goingOn)).isNull();
    log.sql("DELETE FROM obolus.audit_record WHERE chain = '\\x" + log.old() + "' AND seq > 20");
    assertThat(fault(goingOn)).isNotNull();
  }

  @Test
  void integratorAndSuccessorsGoOnAfterAPrune() throws Exception {
    assertThat(log.prune(SHORT).seq()).isPositive();
    log.writeNew();
    assertThat(sound()).isNotEmpty();
  }

  @Test
  void whoAccessedReadsOnOverWhatIsGone() throws Exception {
    assertThat(whoAccessed()).hasSize(2);
    assertThat(log.prune(SHORT).seq()).isPositive();
    assertThat(whoAccessed()).hasSize(1);
  }

  private static List<WhoAccessed.Access> whoAccessed() throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.CONSOLE)) {
      return new WhoAccessed(new LogSource(connection))
          .label("pii", Instant.EPOCH, Instant.now().plusSeconds(60));
    }
  }

  private static long count(String where) {
    return Long.parseLong(log.text("SELECT count(*) FROM obolus.audit_record WHERE " + where));
  }

  private static List<Verification> sound() throws Exception {
    Verification keyed = verify(keyed());
    Verification stranger = verify(stranger());
    assertThat(keyed.firstBad()).isEmpty();
    assertThat(stranger.firstBad()).isEmpty();
    assertThat(stranger.state()).isEqualTo(State.VERIFIED);
    return List.of(keyed, stranger);
  }

  private static void assertBroken(Fault fault, long seq) throws Exception {
    for (AuditVerifier auditor : List.of(keyed(), stranger())) {
      Verification.Bad bad = verify(auditor).firstBad().orElseThrow();
      assertThat(bad.fault()).isEqualTo(fault);
      assertThat(bad.chain()).isEqualTo(log.old());
      assertThat(bad.seq()).isEqualTo(seq);
    }
  }

  private static @org.jspecify.annotations.Nullable Fault fault(AuditVerifier auditor)
      throws Exception {
    return verify(auditor).firstBad().map(Verification.Bad::fault).orElse(null);
  }

  private static AuditVerifier keyed() throws Exception {
    return new AuditVerifier(Optional.of(VerifierKey.read(log.fixture().rootKeyFile())));
  }

  private static AuditVerifier stranger() throws Exception {
    return new AuditVerifier(Optional.empty()).with(keys());
  }

  private static PublicKeys keys() throws Exception {
    return PublicKeys.of(log.publicKeys());
  }

  private static Verification verify(AuditVerifier auditor) throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      return auditor.verify(connection);
    }
  }

  private static Optional<String> proof(ChainId chain, long seq) throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      return TileExport.newest(new TreeStore(connection))
          .orElseThrow()
          .proof(chain, seq)
          .map(Object::toString);
    }
  }

  private static void as(String role, String sql) throws SQLException {
    try (Connection connection = log.fixture().database().as(role);
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
