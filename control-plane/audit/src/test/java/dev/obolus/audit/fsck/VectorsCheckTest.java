// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verifier's own code on the same vectors that the writer must give. */
class VectorsCheckTest {
  private static final Path FILE = Path.of("../../docs/audit-format-vectors.txt");

  @TempDir Path folder;

  @Test
  void verifierComputesWhatTheVectorsSay() throws Exception {
    List<String> lines = Files.readAllLines(FILE);
    Path keyFile = folder.resolve("root.key");
    Files.writeString(keyFile, first(lines, "root_key"));
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    VerifierKey key = VerifierKey.read(keyFile);
    assertThat(key.id()).isEqualTo(first(lines, "root_id"));
    byte[] chain = hex(first(lines, "chain"));
    Mac mac = key.chainMac(Integer.parseInt(first(lines, "epoch")), chain);
    assertThat(HexFormat.of().formatHex(mac.doFinal(VerifierKey.domain("key-commitment"))))
        .isEqualTo(first(lines, "key_commitment"));

    List<byte[]> canonicals = all(lines, "canonical");
    List<byte[]> leaves = all(lines, "leaf");
    List<byte[]> macs = all(lines, "mac");
    assertThat(canonicals).hasSize(10);
    byte[] head = new byte[32];
    for (int i = 0; i < canonicals.size(); i++) {
      Parsed parsed = Parsed.of(canonicals.get(i));
      assertThat(parsed.whole(Parsed.SEQ)).isEqualTo(i + 1);
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) 0);
      assertThat(sha256.digest(canonicals.get(i))).isEqualTo(leaves.get(i));
      mac.update(VerifierKey.domain("entry"));
      mac.update(chain);
      mac.update(ByteBuffer.allocate(8).putLong(i + 1).array());
      mac.update(head);
      head = mac.doFinal(leaves.get(i));
      assertThat(head).isEqualTo(macs.get(i));
    }
    assertThat(Parsed.of(canonicals.get(2)).bytes(Parsed.PERMIT_CHAIN)).isEqualTo(chain);
  }

  @Test
  void bytesCutOrLengthenedAreRefused() throws Exception {
    for (byte[] canonical : all(Files.readAllLines(FILE), "canonical")) {
      for (int length = 0; length < canonical.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(canonical, length);
        if (!endsAtAField(canonical, length)) {
          assertThatThrownBy(() -> Parsed.of(cut)).isInstanceOf(Malformed.class);
        }
      }
      byte[] longer = java.util.Arrays.copyOf(canonical, canonical.length + 1);
      assertThatThrownBy(() -> Parsed.of(longer)).isInstanceOf(Malformed.class);
    }
  }

  @Test
  void chanceNeverBreaksTheDecoder() throws Exception {
    Random random = new Random(7);
    for (byte[] canonical : all(Files.readAllLines(FILE), "canonical")) {
      for (int round = 0; round < 5_000; round++) {
        byte[] changed = canonical.clone();
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        try {
          assertThat(Parsed.of(changed).texts(Parsed.RESOURCES)).isNotNull();
        } catch (Malformed expected) {
          assertThat(expected).hasMessageNotContaining("null");
        }
      }
    }
  }

  /**
   * Optional fields may be missing at the end: such a cut is found by the leaf, not by the shape.
   */
  private static boolean endsAtAField(byte[] canonical, int length) {
    ByteBuffer in = ByteBuffer.wrap(canonical);
    int at = 4;
    int fields = 0;
    while (at < length) {
      at += 7 + in.getInt(at + 3);
      fields++;
    }
    return at == length && fields >= 9;
  }

  private static String first(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  private static List<byte[]> all(List<String> lines, String name) {
    List<byte[]> found = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(name + " ")) {
        found.add(hex(line.substring(name.length() + 1)));
      }
    }
    return found;
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
