// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where chains ended, by their own last record or by a successor's tombstone, in what was handed
 * over: nothing may follow. Not for several threads.
 */
final class ChainEnds {
  private static final byte[] CLOSE = "OBO0002A".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TOMBSTONE = "OBO0003A".getBytes(StandardCharsets.US_ASCII);

  private final Map<ChainId, Long> ends = new HashMap<>();
  private final Map<ChainId, Long> newest = new HashMap<>();

  /** The next record of a chain. */
  void take(ChainId chain, long seq, Parsed record) throws Malformed {
    Long _ = newest.merge(chain, seq, Math::max);
    if (record.holds(Parsed.CODE, CLOSE)) {
      Long _ = ends.merge(chain, seq, Math::min);
    } else if (record.holds(Parsed.CODE, TOMBSTONE)) {
      List<String> heads = record.texts(Parsed.EARLIER_HEADS);
      if (heads.size() != 1 || !heads.getFirst().matches("[0-9a-f]{32} [0-9]{1,18} [0-9a-f]{64}")) {
        throw new Malformed("the place that a tombstone names");
      }
      String[] part = heads.getFirst().split(" ", -1);
      Long _ = ends.merge(ChainId.parse(part[0]), Long.parseLong(part[1]), Math::min);
    }
  }

  /** When everything was told. */
  void conclude() throws Found {
    for (Map.Entry<ChainId, Long> end : ends.entrySet()) {
      if (newest.getOrDefault(end.getKey(), 0L) > end.getValue()) {
        throw new Found(
            end.getKey(), new Faulty(Fault.AFTER_CLOSE, end.getValue() + 1, "the chain had ended"));
      }
    }
  }
}
