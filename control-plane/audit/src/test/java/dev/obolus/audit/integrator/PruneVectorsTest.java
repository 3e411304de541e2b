// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.tree.SigningKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The vectors of a pruned chain beside {@code docs/audit-format.md}. A difference means that the
 * format has changed. (Written anew by {@code -Dobolus.vectors.write}.)
 */
class PruneVectorsTest {
  private static final Path FILE = Path.of("../../docs/audit-prune-vectors.txt");
  private static final String ROOT = "000102030405060708090a0b0c0d0e0f".repeat(2);
  private static final String NAME = "obolus/vectors";

  /** In a month long ago, which of its records are pruned: those of one tenant. */
  private static final Set<Long> GONE = Set.of(2L, 3L, 5L, 7L, 8L);

  @TempDir Path folder;

  @Test
  void sealingAndNotingGiveTheVectors() throws Exception {
    String vectors = vectors();
    if (System.getProperty("obolus.vectors.write") != null) {
      assertThat(Files.writeString(FILE, vectors)).isEqualTo(FILE);
    }
    assertThat(vectors).isEqualTo(Files.readString(FILE));
  }

  private String vectors() throws Exception {
    RootKey root = root();
    SigningKey key = SigningKey.create(folder.resolve("log.key"), NAME, new Counting());
    Clock then = Clock.fixed(Instant.parse("2025-09-21T09:00:00.123456Z"), ZoneOffset.UTC);
    Chain old = new Chain(NAME, 202509, root, new Counting(), then);
    List<SealedRecord> records = new ArrayList<>();
    records.add(old.seal(opening(old), 1 << 16));
    for (int seq = 2; seq <= 8; seq++) {
      records.add(old.seal(event(GONE.contains((long) seq) ? "a" : "b"), 1 << 16));
    }
    StringJoiner out = new StringJoiner("\n", "", "\n");
    out.add(
        "# A chain of which records of one tenant were pruned: what stays, leaves of what is gone,");
    out.add(
        "# the head, in another chain the two people's words and the record of the prune, and the");
    out.add("# log's note of it (Base64).");
    out.add("root_key " + ROOT);
    out.add("log_key " + key.logKeys().getFirst());
    out.add("chain " + old.id());
    for (SealedRecord record : records) {
      if (GONE.contains(record.seq())) {
        out.add("gone " + record.leaf());
      } else {
        record(out, record);
      }
    }
    out.add("head " + old.seq() + " " + old.head());

    Clock now = Clock.fixed(Instant.parse("2026-11-21T09:00:00.123456Z"), ZoneOffset.UTC);
    Counting other = new Counting();
    other.nextBytes(new byte[100]);
    Chain later = new Chain(NAME, 202611, root, other, now);
    assertThat(later.seal(opening(later), 1 << 16).seq()).isEqualTo(1);
    String line = line(old, records);
    out.add("pruned " + later.id());
    record(out, later.seal(word("a", "proposed", line), 1 << 16));
    record(out, later.seal(word("b", "agreed", line), 1 << 16));
    SealedRecord pruned = later.seal(prune(later.id(), line), 1 << 16);
    record(out, pruned);
    String text =
        PruneNote.of(
                NAME,
                later.id(),
                new TreeStore.Row(
                    pruned.seq(),
                    pruned.keyId(),
                    pruned.code().name(),
                    pruned.canonical().toArray(),
                    pruned.leaf().toArray(),
                    pruned.prevMac().toArray(),
                    pruned.mac().toArray()))
            .orElseThrow();
    String note = key.signManifest(text, now.instant()).toString();
    out.add("note " + Base64.getEncoder().encodeToString(note.getBytes(StandardCharsets.UTF_8)));
    return out.toString();
  }

  private RootKey root() throws Exception {
    Path file = Files.writeString(folder.resolve("root.key"), ROOT);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return RootKey.read(file);
  }

  private static void record(StringJoiner out, SealedRecord record) {
    out.add("stays " + record.seq());
    out.add("canonical " + record.canonical());
    out.add("leaf " + record.leaf());
    out.add("prev_mac " + record.prevMac());
    out.add("mac " + record.mac());
  }

  private static Sealable opening(Chain chain) {
    return new Sealable.Open(
        Map.of("issuer", "https://issuer.test"), List.of(), chain.keyCommitment(), "202611211605");
  }

  private static Sealable event(String tenant) {
    return new Sealable.Event(
        new AuditEvent.Cancelled(
            new AuditEvent.Conclusion(
                "0193a1b2-0000-7000-8000-000000000001",
                tenant,
                new ChainId(Bytes.of(new byte[16])),
                2,
                "obo",
                "test",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1,
                2,
                "0193a1b2-0000-7000-8000-000000000002",
                Optional.empty(),
                List.of(),
                java.time.Duration.ofMillis(15)),
            "stopped"),
        ValueSeal.NONE);
  }

  /** One of two people's words for the prune. */
  private static Sealable word(String digit, String result, String line) throws Exception {
    String all = "202509\na\n" + line + "\n";
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
    return new Sealable.Event(
        new AuditEvent.OperatorActed(
            "t",
            new AuditEvent.Person("t", digit),
            "obolus-cli",
            "audit.prune",
            "202509 plan " + HexFormat.of().formatHex(digest, 0, 16),
            result),
        new Named("p-" + (digit + digit).repeat(16)));
  }

  /** Hides nothing well: what is hidden is not looked at here. */
  private record Named(String pseudonym) implements ValueSeal {
    @Override
    public List<Bytes> keys() {
      return List.of(Bytes.ofHex("77".repeat(32)));
    }

    @Override
    public RecordSeal at(ChainId chain, long seq) {
      return (field, nonce, salted) -> nonce;
    }
  }

  private static Sealable prune(ChainId chain, String line) {
    return new Sealable.Event(
        new AuditEvent.Pruned(
            202509,
            List.of("a"),
            List.of(line),
            "512 " + "ee".repeat(32),
            "a=13m minimum=183d",
            List.of("p-" + "aa".repeat(16), "p-" + "bb".repeat(16)),
            "kept long enough",
            chain + " 2 " + chain + " 3",
            Optional.of(new AuditEvent.Pruned.Export("vault 7", Bytes.ofHex("cd".repeat(32))))),
        ValueSeal.NONE);
  }

  private static String line(Chain old, List<SealedRecord> records) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (long[] run : new long[][] {{2, 3}, {5, 5}, {7, 8}}) {
      sha256.update(whole(run[0]));
      for (long seq = run[0]; seq <= run[1]; seq++) {
        sha256.update(records.get((int) seq - 1).leaf().toArray());
      }
      sha256.update(whole(run[1]));
      sha256.update(records.get((int) run[1] - 1).mac().toArray());
    }
    return "%s 8 %s 2 8 5 %s"
        .formatted(old.id(), old.head(), HexFormat.of().formatHex(sha256.digest()));
  }

  private static byte[] whole(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  /** Chance that is none. */
  private static final class Counting extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private int next;

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) next++;
      }
    }
  }
}
