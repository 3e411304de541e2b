// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * What of a chain is not there, run by run, as the record of a prune digests it: of each run the
 * first record's number, every leaf, the last one's number and its MAC. Not for several threads.
 */
final class MissingRuns {
  private final MessageDigest sha256 = ChainCheck.sha256();
  private boolean open;
  private long first;
  private long last;
  private long records;

  /** Whether the last run that was told has not ended. */
  boolean isOpen() {
    return open;
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  long records() {
    return records;
  }

  /** The next records that are missing, with their leaves. */
  void missing(long from, byte[] leaves, int at, int count) {
    if (!open) {
      whole(from);
      open = true;
    }
    sha256.update(leaves, at, count * MerkleTree.HASH);
    first = first == 0 ? from : first;
    last = from + count - 1;
    records += count;
  }

  /** A run ends: this is its last record's MAC, as what follows has it. */
  void goOnFrom(byte[] mac) {
    if (open) {
      whole(last);
      sha256.update(mac);
      open = false;
    }
  }

  /** After the last run; only once. */
  byte[] digest() {
    return sha256.digest();
  }

  private void whole(long value) {
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }
}
