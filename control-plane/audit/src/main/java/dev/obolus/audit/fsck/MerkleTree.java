// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.security.MessageDigest;

/** The root of a growing tree of RFC 6962, leaf by leaf. Not for several threads. */
final class MerkleTree {
  static final int HASH = 32;

  /** Told of every perfect subtree over {@code 256^level} leaves, as it is completed. */
  interface Completed {
    void subtree(int level, byte[] hash);
  }

  private final MessageDigest sha256 = ChainCheck.sha256();
  private final byte[][] subtrees = new byte[Long.SIZE][];
  private final Completed completed;
  private long size;

  MerkleTree(Completed completed) {
    this.completed = completed;
  }

  long size() {
    return size;
  }

  /** Of an entry. */
  byte[] leaf(byte[] entry) {
    sha256.update((byte) 0);
    return sha256.digest(entry);
  }

  void add(byte[] leaf) {
    byte[] hash = leaf;
    int height = 0;
    while ((size >> height & 1) == 1) {
      hash = node(subtrees[height], hash);
      height++;
      if (height % 8 == 0) {
        completed.subtree(height / 8, hash);
      }
    }
    subtrees[height] = hash;
    size++;
  }

  byte[] root() {
    byte[] root = null;
    for (int height = 0; height < Long.SIZE; height++) {
      if ((size >> height & 1) == 1) {
        root = root == null ? subtrees[height] : node(subtrees[height], root);
      }
    }
    return root == null ? sha256.digest(new byte[0]) : root;
  }

  byte[] node(byte[] left, byte[] right) {
    sha256.update((byte) 1);
    sha256.update(left);
    return sha256.digest(right);
  }
}
