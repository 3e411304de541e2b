// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.retention;

import static dev.obolus.audit.retention.PrunedLog.LONG;
import static dev.obolus.audit.retention.PrunedLog.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.export.FileExport;
import dev.obolus.audit.export.Format;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.fsck.EvidenceFile;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.TileFiles;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.Verification.Pruned;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pruned log in the hands of somebody without the database: as an export and as a folder of
 * tiles, whole and in every way that hides a record behind a prune; by our verifier and by the
 * second one.
 */
class HandedPruneTest {
  @TempDir static Path home;
  @TempDir Path folder;
  private static PrunedLog log;
  private static PrunePlan plan;
  private static Receipt record;
  private Path file = Path.of("");
  private Path tiles = Path.of("");

  @BeforeAll
  static void write() throws Exception {
    log = PrunedLog.write(home);
    plan = log.plan(SHORT);
    record = log.seal(plan);
    log.sign();
    Path _ = export(home.resolve("before.jsonl"), Set.of());
    Path _ = tiles(home.resolve("before"));
    assertThat(log.carryOut(record)).isPositive();
    Path _ = export(home.resolve("all.jsonl"), Set.of());
    Path _ = export(home.resolve("short.jsonl"), Set.of(SHORT));
    Path _ = export(home.resolve("long.jsonl"), Set.of(LONG));
    Path _ = tiles(home.resolve("tiles"));
  }

  @BeforeEach
  void copy() throws IOException {
    file = copy("all.jsonl");
    tiles = folder.resolve("tiles");
    try (Stream<Path> all = Files.walk(home.resolve("tiles"))) {
      for (Path from : all.toList()) {
        Path to = tiles.resolve(home.resolve("tiles").relativize(from).toString());
        Path _ = Files.isDirectory(from) ? Files.createDirectories(to) : Files.copy(from, to);
      }
    }
  }

  private Path copy(String name) throws IOException {
    Path _ = Files.copy(manifest(home.resolve(name)), manifest(folder.resolve(name)));
    return Files.copy(home.resolve(name), folder.resolve(name));
  }

  @Test
  void whatWasPrunedIsListedByRecordAndState() throws Exception {
    List<Verification> gone =
        List.of(byKeys(file), byRoot(file), tiles(), byKeys(copy("short.jsonl")));
    for (Verification found : gone) {
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.pruned()).hasSize(2).allMatch(Pruned::removed);
      assertThat(found.pruned())
          .allSatisfy(part -> {
            assertThat(part.epoch()).isEqualTo(PrunedLog.epoch());
            assertThat(part.by()).isEqualTo(record.chain());
            assertThat(part.bySeq()).isEqualTo(record.seq());
          });
    }
    assertThat(gone.subList(0, 3))
        .allSatisfy(found -> assertThat(found.pruned()).noneMatch(Pruned::outside));
    assertThat(gone.getLast().pruned()).as("another tenant's words").allMatch(Pruned::outside);
    assertThat(byKeys(copy("long.jsonl")).pruned()).as("no record of its is named").isEmpty();
  }

  @Test
  void theSecondVerifierListsTheSame() throws Exception {
    String by = "by record " + record.seq() + " of chain " + record.chain();
    Path root = log.fixture().rootKeyFile();
    for (String said :
        List.of(
            inPython("evidence", file, "--keys", publicKeys()),
            inPython("evidence", file, "--root-key", root),
            inPython("tiles", tiles, "--keys", publicKeys()))) {
      assertThat(said).startsWith("VERIFIED").doesNotContain("another tenant's people");
      assertThat(said.lines().skip(1)).hasSize(2).allMatch(line -> line.endsWith("pruned, " + by));
    }
    assertThat(inPython("evidence", copy("short.jsonl"), "--keys", publicKeys()))
        .startsWith("VERIFIED")
        .contains("were pruned, " + by + ", agreed to by another tenant's people");
    assertThat(inPython("evidence", copy("long.jsonl"), "--keys", publicKeys()).lines()).hasSize(1);
    assertThat(inPython("evidence", home.resolve("before.jsonl"), "--keys", publicKeys()))
        .startsWith("VERIFIED")
        .contains("are to be pruned and still there, " + by);
  }

  @Test
  void checkpointWithoutTheLineOfATrustedKeyIsBrokenThoughTheOtherIsTrue() throws Exception {
    Path checkpoint = tiles.resolve("checkpoint");
    List<String> lines = Files.readAllLines(checkpoint);
    assertThat(lines).hasSize(6);
    for (int line : new int[] {4, 5}) {
      List<String> fewer = new ArrayList<>(lines);
      assertThat(fewer.remove(line)).isNotEmpty();
      Path _ = Files.writeString(checkpoint, String.join("\n", fewer) + "\n");
      brokenTiles(Fault.SIGNATURE);
    }
  }

  @Test
  void whatIsStillThereIsListedAsNotCarriedOut() throws Exception {
    for (Verification found :
        List.of(
            byKeys(home.resolve("before.jsonl")),
            new TileFiles(home.resolve("before"), keys(), List.of(), (records, of) -> {})
                .verify())) {
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.pruned()).hasSize(2).noneMatch(Pruned::removed);
    }
  }

  @Test
  void exportWithoutTheLogsNoteExcusesNothing() throws Exception {
    manifest(lines -> without(lines, line -> line.startsWith("prune ")));
    brokenByKeys(Fault.MISSING, file);
    assertThat(byRoot(file).firstBad()).as("the root key knows the record without it").isEmpty();
  }

  @Test
  void exportWithAnotherNoteIsBroken() throws Exception {
    manifest(lines -> notes(lines, note -> note.replace("13 months", "12 months")));
    brokenByKeys(Fault.PRUNE, file);
    brokenByRoot(Fault.PRUNE, file);
    manifest(lines -> notes(lines, note -> note.substring(0, note.indexOf("\n\n") + 2)));
    brokenByKeys(Fault.PRUNE, file);
  }

  @Test
  void noteOfARecordThatIsNotThereIsBroken() throws Exception {
    manifest(lines ->
        lines.stream()
            .map(line -> line.replaceFirst("^(prune [0-9a-f]{32}) [0-9]+ ", "$1 999 "))
            .toList());
    brokenByKeys(Fault.PRUNE, file);
  }

  @Test
  void exportWithoutOneOfTheTwoWordsExcusesNothingWhateverTheManifestSays() throws Exception {
    Path whole = Files.copy(file, folder.resolve("whole.jsonl"));
    for (String word : List.of("proposed", "agreed")) {
      lines(whole, line -> line.contains("\"" + word + "\""));
      String place = place(word);
      manifest(lines -> with(lines, "outside " + place));
      brokenByKeys(Fault.MISSING, file);
    }
  }

  @Test
  void tenantsExportWithoutTheWordOfWhatIsOutsideExcusesNothing() throws Exception {
    file = copy("short.jsonl");
    manifest(lines -> without(lines, line -> line.startsWith("outside ")));
    Verification found = byKeys(file);
    assertThat(found.pruned()).as("nothing of its was excused").isEmpty();
  }

  @Test
  void oneRecordMoreOrLessIsBroken() throws Exception {
    String old = log.old() + "\",\"seq\":\"";
    Path whole = Files.copy(file, folder.resolve("whole.jsonl"));
    lines(whole, line -> line.contains(old + "6\""));
    brokenByKeys(Fault.PRUNED_OTHERWISE, file);
    brokenByRoot(Fault.PRUNED_OTHERWISE, file);
    lines(whole, line -> line.contains(old + "1\""));
    brokenByKeys(Fault.TENANT_SEQ, file);
    List<String> before = Files.readAllLines(home.resolve("before.jsonl"));
    List<String> more = new ArrayList<>(Files.readAllLines(whole));
    more.add(
        1, before.stream().filter(line -> line.contains(old + "3\"")).findFirst().orElseThrow());
    save(more);
    brokenByKeys(Fault.PRUNED_OTHERWISE, file);
  }

  @Test
  void tilesWithoutTheLogsNoteExcuseNothing() throws Exception {
    Files.delete(note());
    brokenTiles(Fault.MISSING);
  }

  @Test
  void tilesWithAnotherNoteAreBroken() throws Exception {
    String note = Files.readString(note());
    Path _ = Files.writeString(note(), note.replace("13 months", "12 months"));
    brokenTiles(Fault.PRUNE);
    Path _ = Files.writeString(note(), note.substring(0, note.indexOf("\n\n") + 2));
    brokenTiles(Fault.PRUNE);
    Path _ = Files.writeString(note(), note);
    Path _ = Files.writeString(note().resolveSibling(record.chain() + "-999"), note);
    brokenTiles(Fault.PRUNE);
  }

  @Test
  void entryLeftOutBesideWhatWasPrunedIsBroken() throws Exception {
    Path bundle = tiles.resolve("tile/entries/000");
    byte[] whole = Files.readAllBytes(bundle);
    dropFirst(bundle, "OBO1001A");
    brokenTiles(Fault.PRUNED_OTHERWISE);
    Path _ = Files.write(bundle, whole);
    dropFirst(bundle, "OBO0001A");
    brokenTiles(Fault.PRUNED_OTHERWISE);
  }

  /** A gateway that was taken over seals prunes of one person, and of nobody; rows are deleted. */
  @Test
  void prunesOfOnePersonsWordsExcuseNothing() throws Exception {
    PrunedLog other = PrunedLog.write(Files.createDirectories(folder.resolve("other")));
    try (AuditDatabase gateway = other.fixture().openReady()) {
      Receipt alone = PrunedLog.seal(gateway, other.plan(SHORT), "olga");
      String places = alone.chain() + " 2 " + alone.chain() + " 3"; // others' words
      AuditEvent invented = PrunedLog.pruned(other.plan(SHORT), List.of("p-a", "p-b"), places);
      assertThat(LogFixture.append(gateway, invented).chain()).isEqualTo(alone.chain());
    }
    other.sign();
    other.sql(
        "DELETE FROM obolus.audit_record WHERE tenant = '"
            + SHORT
            + "' AND epoch = "
            + PrunedLog.epoch());
    PrunedLog before = log;
    log = other;
    try {
      Path handed = export(folder.resolve("other.jsonl"), Set.of());
      brokenByRoot(Fault.MISSING, handed);
      brokenByKeys(Fault.MISSING, handed);
      tiles = tiles(folder.resolve("other-tiles"));
      brokenTiles(Fault.MISSING);
    } finally {
      log = before;
    }
  }

  private static void brokenByKeys(Fault fault, Path file) throws Exception {
    assertFault(fault, byKeys(file));
    assertThat(inPython("evidence", file, "--keys", publicKeys())).startsWith("BROKEN");
  }

  private static void brokenByRoot(Fault fault, Path file) throws Exception {
    assertFault(fault, byRoot(file));
    assertThat(inPython("evidence", file, "--root-key", log.fixture().rootKeyFile()))
        .startsWith("BROKEN");
  }

  private void brokenTiles(Fault fault) throws Exception {
    assertFault(fault, tiles());
    assertThat(inPython("tiles", tiles, "--keys", publicKeys())).startsWith("BROKEN");
  }

  private static Path publicKeys() throws IOException {
    return Files.write(home.resolve("log.pub"), log.publicKeys());
  }

  /** What the second verifier says. */
  private static String inPython(String what, Path of, String option, Path key) throws Exception {
    Process python =
        new ProcessBuilder(
                "python3",
                "../../docs/verify/obolus_verify.py",
                what,
                of.toString(),
                option,
                key.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor()).as(said).isEqualTo(said.startsWith("VERIFIED") ? 0 : 1);
    return said;
  }

  private static void assertFault(Fault fault, Verification found) {
    assertThat(found.state()).isEqualTo(State.BROKEN);
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(fault);
  }

  private static Path export(Path file, Set<String> tenants) throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.CONSOLE)) {
      FileExport.Exported exported =
          new FileExport(new LogSource(connection), Format.EVIDENCE, tenants).to(file);
      Path _ = Files.writeString(manifest(file), log.signed(exported.manifest()));
    }
    return file;
  }

  private static Path tiles(Path folder) throws Exception {
    try (Connection connection = log.fixture().database().as(TestPostgres.GATEWAY)) {
      TileExport.newest(new TreeStore(connection)).orElseThrow().write(folder, true);
    }
    return folder;
  }

  private static Path manifest(Path file) {
    return file.resolveSibling(file.getFileName() + ".manifest");
  }

  private static PublicKeys keys() throws Exception {
    return PublicKeys.of(log.publicKeys());
  }

  private static Verification byKeys(Path file) throws Exception {
    return new EvidenceFile(
            file, manifest(file), List.of(), Optional.of(keys()), (records, of) -> {})
        .verify();
  }

  private static Verification byRoot(Path file) throws Exception {
    return new EvidenceFile(
            file,
            manifest(file),
            List.of(VerifierKey.read(log.fixture().rootKeyFile())),
            Optional.empty(),
            (records, of) -> {})
        .verify();
  }

  private Verification tiles() throws Exception {
    return new TileFiles(tiles, keys(), List.of(), (records, of) -> {}).verify();
  }

  private Path note() {
    return tiles.resolve("prune/" + record.chain() + "-" + record.seq());
  }

  /** Where a word stands, as the record of the prune names it. */
  private static String place(String word) {
    return log.text(
        "SELECT encode(chain, 'hex') || ' ' || seq FROM obolus.audit_record WHERE event = 'approval'"
            + " AND position('"
            + word
            + "'::bytea in canonical) > 0");
  }

  /** Somebody who signs for the log changes what its manifest says. */
  private void manifest(UnaryOperator<List<String>> edit) throws IOException {
    String text = Files.readString(manifest(file));
    List<String> lines = text.substring(0, text.indexOf("\n\n")).lines().toList();
    String edited = String.join("\n", edit.apply(lines)) + "\n";
    Path _ = Files.writeString(manifest(file), log.signed(edited));
  }

  /** Leaves lines out, and makes the manifest fit. */
  private void lines(Path whole, Predicate<String> out) throws Exception {
    List<String> lines = new ArrayList<>(Files.readAllLines(whole));
    assertThat(lines.removeIf(out)).isTrue();
    save(lines);
  }

  private void save(List<String> lines) throws Exception {
    byte[] content = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    Path _ = Files.write(file, content);
    Bytes sha256 = Bytes.of(MessageDigest.getInstance("SHA-256").digest(content));
    manifest(said ->
        said.stream()
            .map(line ->
                line.startsWith("sha256 ")
                    ? "sha256 " + sha256.hex()
                    : line.startsWith("records ")
                        ? "records " + lines.size()
                        : counted(line, lines))
            .toList());
  }

  private static String counted(String line, List<String> lines) {
    if (!line.startsWith("chain ")) {
      return line;
    }
    String chain = line.substring("chain ".length(), "chain ".length() + 32);
    long records =
        lines.stream().filter(one -> one.startsWith("{\"chain\":\"" + chain + "\"")).count();
    return line.replaceFirst(" records [0-9]+ ", " records " + records + " ");
  }

  private static List<String> without(List<String> lines, Predicate<String> out) {
    List<String> left = lines.stream().filter(out.negate()).toList();
    assertThat(left).hasSizeLessThan(lines.size());
    return left;
  }

  private static List<String> with(List<String> lines, String line) {
    return Stream.concat(lines.stream(), Stream.of(line)).toList();
  }

  private static List<String> notes(List<String> lines, UnaryOperator<String> edit) {
    return lines.stream().map(line -> line.startsWith("prune ") ? note(line, edit) : line).toList();
  }

  private static String note(String line, UnaryOperator<String> edit) {
    int at = line.lastIndexOf(' ') + 1;
    String note =
        new String(Base64.getDecoder().decode(line.substring(at)), StandardCharsets.UTF_8);
    String edited = edit.apply(note);
    assertThat(edited).isNotEqualTo(note);
    return line.substring(0, at)
        + Base64.getEncoder().encodeToString(edited.getBytes(StandardCharsets.UTF_8));
  }

  private static void dropFirst(Path bundle, String code) throws IOException {
    ByteBuffer entries = ByteBuffer.wrap(Files.readAllBytes(bundle));
    ByteArrayOutputStream fewer = new ByteArrayOutputStream();
    boolean dropped = false;
    while (entries.hasRemaining()) {
      byte[] entry = new byte[entries.getShort() & 0xFFFF];
      ByteBuffer _ = entries.get(entry);
      boolean drop = !dropped && new String(entry, StandardCharsets.ISO_8859_1).contains(code);
      dropped |= drop;
      fewer.write(drop ? 0 : entry.length >>> 8);
      fewer.write(drop ? 0 : entry.length);
      fewer.writeBytes(drop ? new byte[0] : entry);
    }
    Path _ = Files.write(bundle, fewer.toByteArray());
    assertThat(dropped).isTrue();
  }
}
