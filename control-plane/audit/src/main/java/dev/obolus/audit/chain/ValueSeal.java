// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.util.List;

/**
 * Hides one event's personal values under keys that can be destroyed.
 *
 * <p>Guarantees: the keys named are durable before anything is sealed with them.
 */
public interface ValueSeal {
  /** For events without a personal value; fails if there is one after all. */
  ValueSeal NONE =
      new ValueSeal() {
        @Override
        public String pseudonym() {
          throw new IllegalArgumentException("a personal value without a key");
        }

        @Override
        public List<Bytes> keys() {
          throw new IllegalArgumentException("a personal value without a key");
        }

        @Override
        public RecordSeal at(ChainId chain, long seq) {
          return (field, nonce, salted) -> {
            throw new IllegalArgumentException("a personal value without a key");
          };
        }
      };

  /** The name under which the event's person is found: {@code p-} and 32 hex digits. */
  String pseudonym();

  /** The names of the keys, 32 bytes each: without any one of them nothing can be read. */
  List<Bytes> keys();

  /** The seal for the record at this place. */
  RecordSeal at(ChainId chain, long seq);

  /** Seals under a key of this record's own. */
  interface RecordSeal {
    /**
     * Nonce, ciphertext and tag.
     *
     * @param field the number of the committed field
     * @param nonce 12 bytes, never used before
     * @param salted the salt, then the value
     */
    byte[] seal(int field, byte[] nonce, byte[] salted);
  }
}
