// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.util.HexFormat;

/**
 * Proof that an event is durable: its place and its leaf hash.
 *
 * @param seq its place in the chain, dense from 1
 * @param leaf the SHA-256 leaf hash, 64 lower-case hex digits
 */
public record Receipt(ChainId chain, long seq, String leaf) {
  public Receipt {
    if (seq < 1 || HexFormat.of().parseHex(leaf).length != 32) {
      throw new IllegalArgumentException("not a receipt");
    }
  }
}
