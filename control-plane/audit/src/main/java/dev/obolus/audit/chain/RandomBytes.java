// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Random bytes fetched in blocks, and ids made of them. Not for several threads. */
final class RandomBytes {
  private final SecureRandom source;
  private final byte[] block = new byte[4096];
  private int used = block.length;

  RandomBytes(SecureRandom source) {
    this.source = source;
  }

  byte[] next(int count) {
    if (used + count > block.length) {
      source.nextBytes(block);
      used = 0;
    }
    byte[] taken = new byte[count];
    System.arraycopy(block, used, taken, 0, count);
    java.util.Arrays.fill(block, used, used + count, (byte) 0);
    used += count;
    return taken;
  }

  /** A UUID of version 7: its time, then chance. */
  UUID uuid(Instant at) {
    byte[] r = next(10);
    long high = (at.toEpochMilli() << 16) | 0x7000 | ((r[0] & 0x0F) << 8) | (r[1] & 0xFF);
    long low = 0;
    for (int i = 2; i < r.length; i++) {
      low = (low << 8) | (r[i] & 0xFF);
    }
    return new UUID(high, (low & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L);
  }
}
