// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;

/** Recomputes the MACs of one chain's records. Not for several threads. */
final class EntryMac {
  private static final byte[] ENTRY = VerifierKey.domain("entry");
  private static final byte[] KEY_COMMITMENT = VerifierKey.domain("key-commitment");

  private final Mac mac;
  private final byte[] chain;
  private final byte[] place = new byte[Long.BYTES];

  private EntryMac(Mac mac, byte[] chain) {
    this.mac = mac;
    this.chain = chain;
  }

  /** Under the chain's key of that id, if its root key is among those. */
  static Optional<EntryMac> of(List<VerifierKey> keys, String keyId, byte[] chain) {
    for (VerifierKey key : keys) {
      if (keyId.matches(key.id() + "-[0-9]{1,9}")) {
        int epoch = Integer.parseInt(keyId.substring(key.id().length() + 1));
        return Optional.of(new EntryMac(key.chainMac(epoch, chain), chain));
      }
    }
    return Optional.empty();
  }

  boolean committedTo(byte[] commitment) {
    return MessageDigest.isEqual(mac.doFinal(KEY_COMMITMENT), commitment);
  }

  /** Whether a record with that leaf was sealed at that place, after that MAC. */
  boolean sealed(long seq, byte[] before, byte[] leaf, int from, int length, byte[] sealed) {
    return MessageDigest.isEqual(of(seq, before, leaf, from, length), sealed);
  }

  /** The MAC of a record with that leaf at that place, after that MAC. */
  byte[] of(long seq, byte[] before, byte[] leaf, int from, int length) {
    ByteBuffer _ = ByteBuffer.wrap(place).putLong(seq);
    mac.update(ENTRY);
    mac.update(chain);
    mac.update(place);
    mac.update(before);
    mac.update(leaf, from, length);
    return mac.doFinal();
  }
}
