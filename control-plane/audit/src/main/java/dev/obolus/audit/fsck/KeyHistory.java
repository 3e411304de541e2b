// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;

/** What the first records of chains say of keys: who took over from whom, and what was revoked. */
final class KeyHistory {
  private static final byte[] HANDOVER = VerifierKey.domain("handover");
  private static final String PREDECESSOR =
      "([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{64}) ([0-9a-f]{8})-([0-9]{6})";

  private record Revocation(String rootId, ChainId by) {}

  private final List<VerifierKey> keys;
  private final Map<ChainId, String> roots = new HashMap<>();
  private final List<Revocation> revocations = new ArrayList<>();

  KeyHistory(List<VerifierKey> keys) {
    this.keys = keys;
  }

  /** Takes a chain's first record, once it was found sound; answers the head that it names. */
  Optional<String> opening(ChainId chain, Parsed opening) throws Faulty, Malformed {
    String keyId = opening.text(Parsed.KEY_ID);
    roots.put(chain, keyId.substring(0, Math.max(0, keyId.indexOf('-'))));
    for (String revoked : opening.texts(Parsed.REVOKED_KEYS)) {
      revocations.add(new Revocation(revoked, chain));
    }
    if (!opening.has(Parsed.PREDECESSOR)) {
      return Optional.empty();
    }
    var named =
        java.util.regex.Pattern.compile(PREDECESSOR).matcher(opening.text(Parsed.PREDECESSOR));
    if (!named.matches()) {
      throw new Malformed("a predecessor");
    }
    for (VerifierKey key : keys) {
      if (key.id().equals(named.group(4))) {
        byte[] earlier = HexFormat.of().parseHex(named.group(1));
        Mac mac = key.chainMac(Integer.parseInt(named.group(5)), earlier);
        mac.update(HANDOVER);
        mac.update(earlier);
        mac.update(ByteBuffer.allocate(8).putLong(Long.parseLong(named.group(2))).array());
        mac.update(HexFormat.of().parseHex(named.group(3)));
        mac.update(chain.bytes().toArray());
        mac.update(opening.bytes(Parsed.KEY_COMMITMENT));
        if (!MessageDigest.isEqual(mac.doFinal(), opening.bytes(Parsed.PREDECESSOR_MAC))) {
          throw new Faulty(Fault.HANDOVER, 1, "chain " + named.group(1));
        }
      }
    }
    return Optional.of(named.group(1) + " " + named.group(2) + " " + named.group(3));
  }

  /** Where in the tree a record stands. */
  interface Index {
    Optional<Long> of(ChainId chain, long seq) throws SQLException;
  }

  /** A record that was sealed under a root key after the tree shows that key revoked. */
  record Late(ChainId chain, long seq, String detail) {}

  /**
   * The first such record.
   *
   * @param heads how far each chain has come
   */
  Optional<Late> late(Map<ChainId, Long> heads, Index index) throws SQLException {
    for (Revocation revocation : revocations) {
      Optional<Long> from = index.of(revocation.by(), 1);
      for (Map.Entry<ChainId, Long> head : heads.entrySet()) {
        ChainId chain = head.getKey();
        if (from.isPresent()
            && revocation.rootId().equals(roots.get(chain))
            && after(from.get(), index.of(chain, head.getValue()))) {
          return Optional.of(
              new Late(
                  chain,
                  first(chain, head.getValue(), from.get(), index),
                  "key " + revocation.rootId() + ", revoked by chain " + revocation.by()));
        }
      }
    }
    return Optional.empty();
  }

  /** By halves: the place of a chain's records in the tree ascends. */
  private static long first(ChainId chain, long last, long from, Index index) throws SQLException {
    long low = 1;
    long high = last;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (after(from, index.of(chain, middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** What is not in the tree yet comes after all that is. */
  private static boolean after(long from, Optional<Long> index) {
    return index.isEmpty() || index.get() > from;
  }
}
