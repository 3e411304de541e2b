// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

/** A chain's id: 16 random bytes, new at every start of a gateway. Shown as 32 hex digits. */
public record ChainId(Bytes bytes) {
  public static final int LENGTH = 16;

  public ChainId {
    if (bytes.length() != LENGTH) {
      throw new IllegalArgumentException("a chain id is 16 bytes");
    }
  }

  /** Reads 32 hex digits. */
  public static ChainId parse(String hex) {
    return new ChainId(Bytes.ofHex(hex));
  }

  @Override
  public String toString() {
    return bytes.hex();
  }
}
