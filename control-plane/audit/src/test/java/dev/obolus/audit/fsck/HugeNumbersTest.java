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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files whose records have numbers that no log would reach: they are broken, by name, and whoever
 * reads them needs no memory that grows with the numbers. (A bit for each number up to these, of
 * all these chains, would be a hundred gigabytes.)
 */
class HugeNumbersTest {
  private static final int CHAINS = 400;

  @TempDir Path folder;
  private final RootKey root = RootKey.parse("00".repeat(32), "here");

  HugeNumbersTest() throws Exception {}

  @Test
  void recordsWithHugeNumbersAreMissingTheOnesBefore() throws Exception {
    for (long number : new long[] {1L << 30, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      assertThat(found(number).fault()).isEqualTo(Fault.MISSING);
      assertThat(found(number).seq()).isEqualTo(2);
    }
    assertThat(found(999_999_999_999_999_999L).fault()).isEqualTo(Fault.MISSING);
  }

  @Test
  void aNumberOfMoreDigitsThanTheFormatHasIsNamed() throws Exception {
    for (long number : new long[] {1L << 62, Long.MAX_VALUE, -1}) {
      assertThat(found(number).fault()).isEqualTo(Fault.MANIFEST);
      assertThat(found(number).sentence()).contains("line 2 is not of the format");
    }
  }

  private Verification.Bad found(long number) throws Exception {
    StringBuilder lines = new StringBuilder();
    StringBuilder parts = new StringBuilder();
    for (int i = 0; i < CHAINS; i++) {
      Chain chain = new Chain("obolus/test", 202611, root, new SecureRandom(), Clock.systemUTC());
      Sealable.Open open = new Sealable.Open(Map.of(), List.of(), chain.keyCommitment(), "-");
      lines.append(line(chain, chain.seal(open, 1 << 16), 1));
      lines.append(
          line(chain, chain.seal(new Sealable.Event(rejected(), ValueSeal.NONE), 1 << 16), number));
      parts.append("chain ").append(chain.id()).append(" records 2 last ");
      parts.append(Math.clamp(number, 1, 999_999_999_999_999_999L)).append(" -\n");
    }
    Path file = Files.writeString(folder.resolve("log.jsonl"), lines);
    byte[] digest = ChainCheck.sha256().digest(lines.toString().getBytes(StandardCharsets.UTF_8));
    Path manifest =
        Files.writeString(
            folder.resolve("log.jsonl.manifest"),
            "obolus-export/v1\nsha256 %s\nformat evidence\ntenants *\nrecords %d\n%s"
                .formatted(HexFormat.of().formatHex(digest), 2 * CHAINS, parts));
    return new EvidenceFile(file, manifest, List.of(), Optional.empty(), (done, of) -> {})
        .verify()
        .firstBad()
        .orElseThrow();
  }

  /** With another number than it was sealed with, and the leaf that fits it. */
  private static String line(Chain chain, SealedRecord record, long number) throws Exception {
    byte[] canonical = record.canonical().toArray();
    int at = Parsed.of(canonical).start(Parsed.SEQ);
    ByteBuffer.wrap(canonical).putLong(at, number);
    return "{\"chain\":\"%s\",\"seq\":\"%d\",\"key_id\":\"%s\",\"prev_mac\":\"%s\",\"mac\":\"%s\",\"leaf\":\"%s\",\"canonical\":\"%s\",\"record\":{}}\n"
        .formatted(
            chain.id(),
            number,
            record.keyId(),
            record.prevMac(),
            record.mac(),
            HexFormat.of().formatHex(new MerkleTree((level, hash) -> {}).leaf(canonical)),
            Base64.getEncoder().encodeToString(canonical));
  }
}
