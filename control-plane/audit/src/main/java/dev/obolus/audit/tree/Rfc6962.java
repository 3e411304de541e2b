// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hashes of RFC 6962, section 2.1, with SHA-256. Not for several threads. */
final class Rfc6962 {
  static final int LENGTH = 32;
  private final MessageDigest sha256 = sha256();

  /** Of an entry. */
  byte[] leaf(byte[] entry) {
    sha256.update((byte) 0);
    return sha256.digest(entry);
  }

  /** Of two subtrees. */
  byte[] node(byte[] left, byte[] right) {
    sha256.update((byte) 1);
    sha256.update(left);
    return sha256.digest(right);
  }

  /** Of the tree without leaves. */
  byte[] empty() {
    return sha256.digest(new byte[0]);
  }

  /** The root of the perfect subtree over hashes that lie side by side; a power of two of them. */
  byte[] fold(byte[] hashes, int from, int count) {
    byte[] row = java.util.Arrays.copyOfRange(hashes, from * LENGTH, (from + count) * LENGTH);
    for (int width = count; width > 1; width /= 2) {
      for (int i = 0; i < width / 2; i++) {
        sha256.update((byte) 1);
        sha256.update(row, 2 * i * LENGTH, 2 * LENGTH);
        System.arraycopy(sha256.digest(), 0, row, i * LENGTH, LENGTH);
      }
    }
    return java.util.Arrays.copyOf(row, LENGTH);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
