// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.OpenPermit;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Pairs permits with their outcomes, over all chains in whatever order, and notes ended chains. */
final class Permits {
  private static final byte[] TOMBSTONE = "OBO0003A".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PERMIT = "OBO1001A".getBytes(StandardCharsets.US_ASCII);

  /** A permit's place. */
  record Place(Bytes chain, long seq) {}

  private final Map<Place, OpenPermit> open = new LinkedHashMap<>();
  private final Set<Place> concluded = new HashSet<>();
  private final Map<ChainId, Long> ended = new HashMap<>();

  /** Takes the next record. */
  void note(ChainId chain, long seq, Parsed parsed) throws Malformed {
    if (parsed.has(Parsed.PERMIT_SEQ)) {
      conclude(
          new Place(Bytes.of(parsed.bytes(Parsed.PERMIT_CHAIN)), parsed.whole(Parsed.PERMIT_SEQ)));
    } else if (parsed.holds(Parsed.CODE, PERMIT)) {
      add(new OpenPermit(parsed.text(Parsed.TENANT), chain, seq, parsed.text(Parsed.DECISION_ID)));
    } else if (parsed.holds(Parsed.CODE, TOMBSTONE)) {
      for (String line : parsed.texts(Parsed.EARLIER_HEADS)) {
        WrittenHead end = WrittenHead.parse(line);
        end(end.chain(), end.seq());
      }
    }
  }

  /** A permit; it is not open if its outcome was seen already. */
  void add(OpenPermit permit) {
    Place place = new Place(permit.chain().bytes(), permit.seq());
    if (!concluded.remove(place)) {
      open.put(place, permit);
    }
  }

  /** The outcome of a permit that may be yet to come. */
  void conclude(Place place) {
    if (open.remove(place) == null) {
      concluded.add(place);
    }
  }

  /** A chain was ended there by a successor. */
  void end(ChainId chain, long seq) {
    ended.merge(chain, seq, Math::min);
  }

  List<OpenPermit> open() {
    return List.copyOf(open.values());
  }

  /** Outcomes whose permits were not seen. */
  Set<Place> concluded() {
    return concluded;
  }

  /** Where successors ended chains: nothing may follow there. */
  Map<ChainId, Long> ended() {
    return ended;
  }
}
