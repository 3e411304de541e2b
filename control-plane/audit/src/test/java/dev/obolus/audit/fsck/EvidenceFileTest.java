// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.export.FileExport;
import dev.obolus.audit.export.Format;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export in the hands of somebody who has neither the database nor the key that signs. */
class EvidenceFileTest {
  private static final int SIZE = 20;
  private static final String OTHER = "99999999-9999-4999-8999-999999999999";

  @TempDir static Path home;
  @TempDir Path folder;
  private static LogFixture fixture;
  private static SigningKey key;

  /** Two chains, two tenants. */
  @BeforeAll
  static void write() throws Exception {
    fixture = LogFixture.fresh(home);
    key = SigningKey.create(home.resolve("log.key"), "obolus/test", new SecureRandom());
    for (int chain = 0; chain < 2; chain++) {
      try (AuditDatabase log = fixture.openReady()) {
        for (int i = 0; i < 3; i++) {
          assertThat(append(log, decided("deny")).seq()).isPositive();
          assertThat(append(log, decided("deny", OTHER)).seq()).isPositive();
        }
      }
    }
  }

  @Test
  void aSoundExportVerifiesWithPublicKeysAndWithTheRootKey() throws Exception {
    Path file = export(Set.of());
    Verification found = verify(file);
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.records()).isEqualTo(16);
    assertThat(found.chains()).isEqualTo(2);
    assertThat(found.keyed()).isTrue();
    assertThat(verify(export(Set.of(OTHER))).records()).isEqualTo(10);
  }

  @Test
  void aRecordLeftOutOfATenantsExportIsNamedByTheCountsWithin() throws Exception {
    Path file = export(Set.of(OTHER));
    assertFault(Fault.TENANT_SEQ, file, lines -> without(lines, 2));
    assertFault(Fault.TRUNCATED, file, lines -> without(lines, lines.size() - 2));
  }

  @Test
  void aRecordLeftOutMovedOrRepeatedIsNamed() throws Exception {
    Path file = export(Set.of());
    assertFault(Fault.MISSING, file, lines -> without(lines, 2));
    assertFault(Fault.DUPLICATE, file, lines -> with(lines, 3, lines.get(2)));
    assertFault(Fault.TRUNCATED, file, lines -> lines.subList(0, 7));
  }

  @Test
  void aChangedLineIsNamed() throws Exception {
    Path file = export(Set.of());
    assertFault(
        Fault.LEAF, file, lines -> edited(lines, "canonical\":\"T0JP", "canonical\":\"T0JQ"));
    assertFault(Fault.MANIFEST, file, lines -> edited(lines, "deny", "allow"));
    assertFault(Fault.MANIFEST, file, lines -> edited(lines, "\"record\":", "\"recorded\":"));
    assertFault(
        Fault.MAC,
        file,
        lines -> {
          String mac = lines.get(7).replaceAll(".*\"mac\":\"([0-9a-f]{64})\".*", "$1");
          return lines.stream().map(line -> line.replace(mac, "00" + mac.substring(2))).toList();
        });
  }

  @Test
  void aManifestThatWasNotSignedOrWasEditedIsRefused() throws Exception {
    Path file = export(Set.of());
    Path manifest = manifest(file);
    String signed = Files.readString(manifest);
    for (String bad :
        List.of(
            signed.substring(0, signed.indexOf("\n\n") + 1),
            signed.replace("records 16", "records 17"),
            key.signManifest("obolus-export/v1\n", Instant.now()).toString())) {
      Path _ = Files.writeString(manifest, bad);
      try {
        assertThat(verify(file).firstBad().orElseThrow().fault()).isEqualTo(Fault.MANIFEST);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("manifest lacks");
      }
    }
  }

  @Test
  void recordsThatTheManifestsCheckpointDoesNotCoverArePending() throws Exception {
    Path file = export(Set.of());
    String plain = unsigned(file);
    List<String> chains =
        plain
            .lines()
            .filter(line -> line.startsWith("chain "))
            .map(line -> line.substring(6, 38))
            .toList();
    assertThat(chains).hasSize(2);

    covering(file, plain, chains, List.of(8, 5));
    Verification some = verify(file);
    assertThat(some.firstBad()).isEmpty();
    assertThat(some.state()).isEqualTo(State.VERIFIED);
    assertThat(some.signed().orElseThrow().size()).isEqualTo(SIZE);
    assertThat(some.pending()).isEqualTo(3);
    assertThat(inPython(file, 0))
        .contains("under a checkpoint of " + SIZE + " entries; 3 are newer (pending)");

    covering(file, plain, chains, List.of(8, 9));
    assertThat(verify(file).pending()).isZero();
    assertThat(inPython(file, 0)).contains("; 0 are newer");

    covering(file, plain, chains, List.of(0, 0));
    Verification none = verify(file);
    assertThat(none.state()).isEqualTo(State.PENDING);
    assertThat(none.pending()).isEqualTo(16);
    assertThat(inPython(file, 4)).startsWith("PENDING ");
  }

  @Test
  void ofACheckpointOfWhichTheManifestDoesNotSayWhatItCoversNothingIsSaid() throws Exception {
    Path file = export(Set.of());
    String plain = unsigned(file);
    for (List<String> chains : List.of(List.<String>of(), List.of("00".repeat(16)))) {
      covering(file, plain, chains, List.of(9));
      Verification found = verify(file);
      assertThat(found.state()).isEqualTo(State.VERIFIED);
      assertThat(found.signed()).isEmpty();
      assertThat(found.pending()).isZero();
      assertThat(inPython(file, 0)).doesNotContain("checkpoint");
    }
  }

  @Test
  void aCheckpointThatTheLogDidNotSignIsNoManifests() throws Exception {
    Path file = export(Set.of());
    SigningKey other =
        SigningKey.create(folder.resolve("other.key"), "obolus/test", new SecureRandom());
    sign(file, unsigned(file) + checkpoint(other));
    assertThat(verify(file).firstBad().orElseThrow().fault()).isEqualTo(Fault.SIGNATURE);
    assertThat(inPython(file, 1)).startsWith("BROKEN ");
  }

  @Test
  void whatALineHoldsCannotRepaintTheTerminalOfTheSecondVerifier() throws Exception {
    Path file = export(Set.of());
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    String line = lines.getFirst();
    String canonical = line.replaceAll(".*\"canonical\":\"([^\"]*)\".*", "$1");
    String root = line.replaceAll(".*\"key_id\":\"([0-9a-f]{8})-.*", "$1");
    byte[] forged =
        new String(Base64.getDecoder().decode(canonical), ISO_8859_1)
            .replace(root, "\u001b[2J\nOK!")
            .getBytes(ISO_8859_1);
    byte[] leaf = new MerkleTree((level, hash) -> {}).leaf(forged);
    String _ =
        lines.set(
            0,
            line.replace(canonical, Base64.getEncoder().encodeToString(forged))
                .replaceAll(
                    "\"leaf\":\"[0-9a-f]{64}", "\"leaf\":\"" + HexFormat.of().formatHex(leaf)));
    Path _ = Files.write(file, lines);
    assertThat(inPython(file, 1, "--root-key", fixture.rootKeyFile()))
        .startsWith("BROKEN ")
        .contains("under a root key \\x1b[2J\\nOK! that is not given")
        .doesNotContain("\u001b")
        .hasLineCount(1);
  }

  /** As the manifest of a log whose checkpoint covers so many of each chain's records. */
  private static void covering(Path file, String plain, List<String> chains, List<Integer> newest)
      throws Exception {
    StringBuilder manifest = new StringBuilder(plain);
    for (int i = 0; i < chains.size(); i++) {
      manifest
          .append("covered ")
          .append(chains.get(i))
          .append(' ')
          .append(newest.get(i))
          .append('\n');
    }
    sign(file, manifest + checkpoint(key));
  }

  private static String checkpoint(SigningKey signing) {
    Checkpoint checkpoint = new Checkpoint("obolus/test", SIZE, Bytes.of(new byte[32]));
    String note = signing.sign(checkpoint, Instant.now()).toString();
    return "checkpoint " + Base64.getEncoder().encodeToString(note.getBytes(UTF_8)) + "\n";
  }

  private static String unsigned(Path file) throws Exception {
    String manifest = Files.readString(manifest(file));
    return manifest.substring(0, manifest.indexOf("\n\n") + 1);
  }

  private static void sign(Path file, String manifest) throws Exception {
    Path _ =
        Files.writeString(manifest(file), key.signManifest(manifest, Instant.now()).toString());
  }

  /** What the second verifier says. */
  private static String inPython(Path file, int exit) throws Exception {
    Path keys =
        Files.write(
            home.resolve("log.pub"), key.logKeys().stream().map(NoteKey::toString).toList());
    return inPython(file, exit, "--keys", keys);
  }

  private static String inPython(Path file, int exit, String option, Path with) throws Exception {
    Process python =
        new ProcessBuilder(
                "python3",
                "../../docs/verify/obolus_verify.py",
                "evidence",
                file.toString(),
                option,
                with.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), UTF_8);
    assertThat(python.waitFor()).as(said).isEqualTo(exit);
    return said;
  }

  private Path export(Set<String> tenants) throws Exception {
    Path file = folder.resolve("log-" + tenants.size() + ".jsonl");
    try (Connection connection = fixture.database().as("obolus_console")) {
      FileExport.Exported exported =
          new FileExport(new LogSource(connection), Format.EVIDENCE, tenants).to(file);
      Path _ =
          Files.writeString(
              manifest(file), key.signManifest(exported.manifest(), Instant.now()).toString());
    }
    return file;
  }

  private static Path manifest(Path file) {
    return file.resolveSibling(file.getFileName() + ".manifest");
  }

  private static Verification verify(Path file) throws Exception {
    return new EvidenceFile(
            file,
            manifest(file),
            List.of(VerifierKey.read(fixture.rootKeyFile())),
            Optional.of(PublicKeys.of(key.logKeys().stream().map(NoteKey::toString).toList())),
            (records, of) -> {})
        .verify();
  }

  /** Somebody edits the file, and lets the manifest stand. */
  private static void assertFault(Fault fault, Path file, UnaryOperator<List<String>> edit)
      throws Exception {
    List<String> lines = Files.readAllLines(file);
    Path _ = Files.write(file, edit.apply(lines));
    Verification found = verify(file);
    assertThat(found.state()).isEqualTo(State.BROKEN);
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(fault);
    Path _ = Files.write(file, lines);
    assertThat(verify(file).state()).isEqualTo(State.VERIFIED);
  }

  private static List<String> without(List<String> lines, int index) {
    List<String> fewer = new ArrayList<>(lines);
    String _ = fewer.remove(index);
    return fewer;
  }

  private static List<String> with(List<String> lines, int index, String line) {
    List<String> more = new ArrayList<>(lines);
    more.add(index, line);
    return more;
  }

  private static List<String> edited(List<String> lines, String from, String to) {
    return lines.stream().map(line -> line.replace(from, to)).toList();
  }
}
