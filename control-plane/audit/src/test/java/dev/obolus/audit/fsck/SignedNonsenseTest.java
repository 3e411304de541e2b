// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.rejected;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.Heads;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.tree.TreeEdge;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever has a chain's key and the log's own seals and signs what cannot be. */
class SignedNonsenseTest {
  private static final int EPOCH = 202611;

  @TempDir Path folder;
  private RootKey root = RootKey.parse("00".repeat(32), "here");
  private Chain chain = chain();
  private Chain later = chain();
  private final List<SealedRecord> records = new ArrayList<>();

  SignedNonsenseTest() throws Exception {}

  @BeforeEach
  void writeTwo() throws Exception {
    root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    chain = chain();
    later = chain();
    for (Chain one : List.of(chain, later)) {
      records.add(
          one.seal(
              new Sealable.Open(Map.of(), List.of(), one.keyCommitment(), "202611211605"),
              1 << 16));
      event(one);
    }
  }

  private Chain chain() {
    return new Chain("obolus/test", EPOCH, root, new SecureRandom(), Clock.systemUTC());
  }

  private void event(Chain one) {
    records.add(one.seal(new Sealable.Event(rejected(), ValueSeal.NONE), 1 << 16));
  }

  private void tombstone() {
    Sealable.Head left = new Sealable.Head(chain.id(), chain.seq(), chain.head());
    records.add(later.seal(new Sealable.Tombstone(left), 1 << 16));
  }

  @Test
  void aChainThatItsSuccessorEndedIsSoundAndARecordMoreIsNot() throws Exception {
    tombstone();
    assertThat(inTiles().firstBad()).isEmpty();
    assertThat(inEvidence().firstBad()).isEmpty();
    event(chain);
    foundByAll();
  }

  @Test
  void nothingFollowsAChainsOwnEnd() throws Exception {
    records.add(chain.seal(new Sealable.Close("stopped"), 1 << 16));
    assertThat(inTiles().firstBad()).isEmpty();
    assertThat(inEvidence().firstBad()).isEmpty();
    event(chain);
    foundByAll();
  }

  /** The log signs it: only what stands before it in the tree tells. */
  @Test
  void anEntryOfHeadsThatIsNotTrueIsNamedThoughTheLogSignedIt() throws Exception {
    List<Heads.Head> heads = heads();
    Heads.Head first = heads.getFirst();
    Heads.Head further = new Heads.Head(first.chain(), first.seq() + 1, first.mac());
    for (List<Heads.Head> untrue :
        List.of(List.of(first), List.of(further, heads.getLast()), List.<Heads.Head>of())) {
      assertThat(inTiles(untrue).firstBad().orElseThrow().fault()).isEqualTo(Fault.TREE);
      assertThat(inPython("tiles", "tiles")).startsWith("BROKEN").contains("head");
    }
    assertThat(inTiles(heads).firstBad()).isEmpty();
  }

  private void foundByAll() throws Exception {
    for (Verification found : List.of(inTiles(), inEvidence())) {
      Verification.Bad bad = found.firstBad().orElseThrow();
      assertThat(bad.fault()).isEqualTo(Fault.AFTER_CLOSE);
      assertThat(bad.chain()).isEqualTo(chain.id());
      assertThat(bad.seq()).isEqualTo(chain.seq());
    }
    String end = "goes on after record " + (chain.seq() - 1);
    assertThat(inPython("tiles", "tiles")).startsWith("BROKEN").contains(end);
    assertThat(inPython("evidence", "log.jsonl")).startsWith("BROKEN").contains(end);
  }

  private Verification inTiles() throws Exception {
    return inTiles(heads());
  }

  private List<Heads.Head> heads() {
    return List.of(chain, later).stream()
        .map(one -> new Heads.Head(one.id(), one.seq(), one.head()))
        .sorted(Comparator.comparing(head -> head.chain().toString()))
        .toList();
  }

  private Verification inTiles(List<Heads.Head> heads) throws Exception {
    Path tiles = folder.resolve("tiles");
    SigningKey key = key();
    List<byte[]> entries = new ArrayList<>();
    records.forEach(record -> entries.add(record.canonical().toArray()));
    entries.add(new Heads(Instant.now(), 2, heads).entry());
    TreeEdge tree = new TreeEdge();
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    ByteArrayOutputStream bundle = new ByteArrayOutputStream();
    for (byte[] entry : entries) {
      assertThat(tree.add(entry)).isEmpty();
      hashes.writeBytes(TreeEdge.leafOf(entry));
      bundle.write(entry.length >>> 8);
      bundle.write(entry.length);
      bundle.writeBytes(entry);
    }
    put(tiles.resolve("tile/0/000.p/" + entries.size()), hashes.toByteArray());
    put(tiles.resolve("tile/entries/000.p/" + entries.size()), bundle.toByteArray());
    String note =
        key.sign(new Checkpoint(key.name(), tree.size(), tree.root()), Instant.now()).toString();
    put(tiles.resolve("checkpoint"), note.getBytes(StandardCharsets.UTF_8));
    return new TileFiles(tiles, keys(), List.of(), (done, of) -> {}).verify();
  }

  private Verification inEvidence() throws Exception {
    Path file = folder.resolve("log.jsonl");
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    for (SealedRecord record : records) {
      lines.add(line(record));
    }
    byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
    put(file, content);
    String manifest =
        "obolus-export/v1\nfile log.jsonl\nsha256 "
            + HexFormat.of().formatHex(ChainCheck.sha256().digest(content))
            + "\nformat evidence\ntenants *\nrecords "
            + records.size()
            + "\n"
            + part(chain)
            + part(later);
    Path beside = folder.resolve("log.jsonl.manifest");
    put(
        beside,
        key().signManifest(manifest, Instant.now()).toString().getBytes(StandardCharsets.UTF_8));
    return new EvidenceFile(
            file,
            beside,
            List.of(VerifierKey.read(folder.resolve("root.key"))),
            Optional.of(keys()),
            (done, of) -> {})
        .verify();
  }

  private static String part(Chain one) {
    return "chain %s records %d last %d %s%n".formatted(one.id(), one.seq(), one.seq(), one.head());
  }

  private static String line(SealedRecord record) throws Parsed.Malformed {
    return "{\"chain\":\"%s\",\"seq\":\"%d\",\"key_id\":\"%s\",\"prev_mac\":\"%s\",\"mac\":\"%s\",\"leaf\":\"%s\",\"canonical\":\"%s\",\"record\":{}}"
        .formatted(
            HexFormat.of().formatHex(Parsed.of(record.canonical().toArray()).bytes(Parsed.CHAIN)),
            record.seq(),
            record.keyId(),
            record.prevMac(),
            record.mac(),
            record.leaf(),
            Base64.getEncoder().encodeToString(record.canonical().toArray()));
  }

  private SigningKey key() throws Exception {
    Path file = folder.resolve("log.key");
    return Files.exists(file)
        ? SigningKey.read(file)
        : SigningKey.create(file, "obolus/test", new SecureRandom());
  }

  private PublicKeys keys() throws Exception {
    List<String> lines = key().logKeys().stream().map(NoteKey::toString).toList();
    Path _ = Files.write(folder.resolve("log.pub"), lines);
    return PublicKeys.of(lines);
  }

  private String inPython(String what, String of) throws Exception {
    Process python =
        new ProcessBuilder(
                "python3",
                "../../docs/verify/obolus_verify.py",
                what,
                folder.resolve(of).toString(),
                "--keys",
                folder.resolve("log.pub").toString())
            .redirectErrorStream(true)
            .start();
    return new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void put(Path file, byte[] content) throws Exception {
    Path _ = Files.createDirectories(file.resolveSibling("."));
    Path _ = Files.write(file, content);
  }
}
