// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Verifies a C2SP tlog-proof whose extra data is the record itself: offline, with public keys
 * alone.
 */
public final class ProofFile {
  private ProofFile() {}

  /**
   * What was proven.
   *
   * @param at when the record was sealed, as it says
   * @param size of the tree that was signed
   * @param witnesses the trusted witnesses that cosigned it, and when
   */
  public record Proven(
      ChainId chain,
      long seq,
      String code,
      Instant at,
      long index,
      long size,
      Map<String, Instant> witnesses) {
    public Proven {
      witnesses = Map.copyOf(witnesses);
    }
  }

  /** What is wrong with the file, in words. */
  public static final class NotProven extends Exception {
    private static final long serialVersionUID = 1L;

    NotProven(String sentence) {
      super(sentence, null, false, false);
    }
  }

  public static Proven verify(String file, PublicKeys trusted) throws NotProven {
    try {
      return proven(file, trusted);
    } catch (IllegalArgumentException e) {
      throw new NotProven("this is not a proof: " + e.getMessage());
    } catch (Malformed e) {
      throw new NotProven("the record in the proof is not of the format: " + e.getMessage());
    }
  }

  private static Proven proven(String file, PublicKeys trusted) throws NotProven, Malformed {
    int blank = file.indexOf("\n\n");
    String[] line = blank < 0 ? new String[0] : file.substring(0, blank).split("\n", -1);
    if (line.length < 3
        || !line[0].equals("c2sp.org/tlog-proof@v1")
        || !line[1].startsWith("extra ")
        || !line[2].matches("index (0|[1-9][0-9]{0,17})")) {
      throw new NotProven("this is not a proof of a record (c2sp.org/tlog-proof@v1)");
    }
    byte[] entry = Base64.getDecoder().decode(line[1].substring("extra ".length()));
    long index = Long.parseLong(line[2].substring("index ".length()));
    List<byte[]> path = new ArrayList<>();
    for (String hash : Arrays.asList(line).subList(3, line.length)) {
      path.add(Base64.getDecoder().decode(hash));
    }
    Note note = Note.parse(file.substring(blank + 2));
    if (!trusted.signedByLog(note)) {
      throw new NotProven("the checkpoint was not signed with the log's keys");
    }
    byte[] leaf = new MerkleTree((level, hash) -> {}).leaf(entry);
    if (!MerkleProof.included(leaf, index, note.size(), note.root(), path)) {
      throw new NotProven("the record is not in the tree that was signed");
    }
    Parsed parsed = Parsed.of(entry);
    return new Proven(
        new ChainId(Bytes.of(parsed.bytes(Parsed.CHAIN))),
        parsed.whole(Parsed.SEQ),
        parsed.text(Parsed.CODE),
        Instant.EPOCH.plus(parsed.whole(Parsed.AT), java.time.temporal.ChronoUnit.MICROS),
        index,
        note.size(),
        trusted.witnesses(note));
  }
}
