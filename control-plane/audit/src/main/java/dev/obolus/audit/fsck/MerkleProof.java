// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.util.Arrays;
import java.util.List;

/** Checks proofs of RFC 6962, sections 2.1.1 and 2.1.2. */
public final class MerkleProof {
  private MerkleProof() {}

  /** Whether the leaf stands at that index of the tree with that size and root. */
  public static boolean included(
      byte[] leaf, long index, long size, byte[] root, List<byte[]> path) {
    if (index < 0 || index >= size) {
      return false;
    }
    MerkleTree hashing = new MerkleTree((level, hash) -> {});
    long node = index;
    long last = size - 1;
    byte[] hash = leaf;
    for (byte[] sibling : path) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = hashing.node(sibling, hash);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        hash = hashing.node(hash, sibling);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(hash, root);
  }

  /** Whether the tree of the old size and root is the beginning of the new one. */
  public static boolean consistent(
      long oldSize, byte[] oldRoot, long newSize, byte[] newRoot, List<byte[]> path) {
    if (oldSize < 0 || oldSize > newSize) {
      return false;
    }
    if (oldSize == 0) {
      return path.isEmpty();
    }
    if (oldSize == newSize) {
      return path.isEmpty() && Arrays.equals(oldRoot, newRoot);
    }
    MerkleTree hashing = new MerkleTree((level, hash) -> {});
    boolean whole = Long.bitCount(oldSize) == 1;
    if (!whole && path.isEmpty()) {
      return false;
    }
    int next = whole ? 0 : 1;
    byte[] older = whole ? oldRoot : path.getFirst();
    byte[] newer = older;
    long node = oldSize - 1;
    long last = newSize - 1;
    while ((node & 1) == 1) {
      node >>= 1;
      last >>= 1;
    }
    for (; next < path.size(); next++) {
      byte[] sibling = path.get(next);
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        older = hashing.node(sibling, older);
        newer = hashing.node(sibling, newer);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        newer = hashing.node(newer, sibling);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && Arrays.equals(older, oldRoot) && Arrays.equals(newer, newRoot);
  }
}
