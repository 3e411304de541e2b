// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;

/**
 * The last entry before every checkpoint: when it was made, how many chains the log holds, and the
 * newest record of each chain that has grown since the entry of this kind before it.
 *
 * @param chains how many chains have records in the tree
 */
public record Heads(Instant at, int chains, List<Head> grown) {
  /** More would not fit an entry of 65,535 bytes. */
  public static final int MOST = 1_000;

  private static final byte[] MAGIC = {'O', 'B', 'H', 1};
  private static final int HEAD_LENGTH = ChainId.LENGTH + Long.BYTES + Rfc6962.LENGTH;

  public Heads {
    grown = grown.stream().sorted(Comparator.comparing(head -> head.chain().toString())).toList();
    if (grown.size() > MOST) {
      throw new IllegalArgumentException("too many heads for one entry");
    }
  }

  /** A chain's newest record in the tree. */
  public record Head(ChainId chain, long seq, Bytes mac) {}

  /** As it is hashed. */
  public byte[] entry() {
    ByteBuffer out =
        ByteBuffer.allocate(MAGIC.length + 8 + 4 + 4 + grown.size() * HEAD_LENGTH).put(MAGIC);
    out.putLong(ChronoUnit.MICROS.between(Instant.EPOCH, at)).putInt(chains).putInt(grown.size());
    for (Head head : grown) {
      out.put(head.chain().bytes().toArray()).putLong(head.seq()).put(head.mac().toArray());
    }
    return out.array();
  }
}
