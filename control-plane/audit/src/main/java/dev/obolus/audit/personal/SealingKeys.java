// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Crypto;
import dev.obolus.audit.chain.ValueSeal;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of one event: its tenant's, its person's, and those of everybody named by address in it.
 * Each record's key is derived from all of them together and from the record's place, so that
 * destroying any one of them takes the record's values away, and no two records share a key.
 */
public final class SealingKeys implements ValueSeal {
  private static final byte[] RECORD = Crypto.domain("record-values");
  private static final byte[] VALUE = Crypto.domain("value");

  private final Optional<String> pseudonym;
  private final List<ValueKey> keys;

  /**
   * Seals and opens with these.
   *
   * @param pseudonym the key of the person's pseudonym, where there is a person
   * @param keys in the order in which a record names them
   */
  public SealingKeys(Optional<ValueKey> pseudonym, List<ValueKey> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no key");
    }
    this.pseudonym = pseudonym.map(ValueKey::pseudonym);
    this.keys = List.copyOf(keys);
  }

  /** Keys that nobody keeps: for a log in memory. */
  public static SealingKeys unkept(SecureRandom random) {
    return new SealingKeys(Optional.of(ValueKey.create(random)), List.of(ValueKey.create(random)));
  }

  @Override
  public String pseudonym() {
    return pseudonym.orElseThrow(() -> new IllegalArgumentException("no person's key"));
  }

  @Override
  public List<Bytes> keys() {
    return keys.stream().map(ValueKey::name).toList();
  }

  @Override
  public RecordSeal at(ChainId chain, long seq) {
    byte[] key = recordKey(chain, seq);
    return (field, nonce, salted) -> Gcm.seal(key, nonce, salted, context(field));
  }

  /** Salt and value; empty if it was sealed otherwise. */
  public Optional<byte[]> open(ChainId chain, long seq, int field, byte[] sealed) {
    return Gcm.open(recordKey(chain, seq), sealed, context(field));
  }

  private byte[] recordKey(ChainId chain, long seq) {
    ByteBuffer all = ByteBuffer.allocate(keys.size() * ValueKey.LENGTH);
    keys.forEach(key -> key.addTo(all));
    byte[] info =
        ByteBuffer.allocate(RECORD.length + ChainId.LENGTH + Long.BYTES)
            .put(RECORD)
            .put(chain.bytes().toArray())
            .putLong(seq)
            .array();
    return Crypto.derive(new SecretKeySpec(all.array(), "HmacSHA256"), info).getEncoded();
  }

  private static byte[] context(int field) {
    return ByteBuffer.allocate(VALUE.length + Short.BYTES)
        .put(VALUE)
        .putShort((short) field)
        .array();
  }
}
