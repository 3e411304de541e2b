// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Crypto;
import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A random key of one subject: for one month's values, or for the pseudonym.
 *
 * <p>Guarantees: its name commits to it, so that no second key can be shown for the same record; it
 * leaves this class only wrapped, or as a key derived from it.
 */
public final class ValueKey {
  static final int LENGTH = 32;
  private static final byte[] NAME = Crypto.domain("value-key");
  private static final byte[] PSEUDONYM = Crypto.domain("pseudonym");
  private static final int PSEUDONYM_LENGTH = 16;

  private final byte[] secret;
  private final Bytes name;
  private final String pseudonym;

  private ValueKey(byte[] secret) {
    this.secret = secret;
    this.name = Bytes.of(Crypto.hmac(hmacKey(secret)).doFinal(NAME));
    byte[] keyed = Crypto.hmac(hmacKey(secret)).doFinal(PSEUDONYM);
    this.pseudonym = "p-" + HexFormat.of().formatHex(keyed, 0, PSEUDONYM_LENGTH);
  }

  public static ValueKey create(SecureRandom random) {
    byte[] secret = new byte[LENGTH];
    random.nextBytes(secret);
    return new ValueKey(secret);
  }

  /** 32 bytes that anybody may see. */
  public Bytes name() {
    return name;
  }

  /** The name under which a person is found; meaningless once this key is gone. */
  public String pseudonym() {
    return pseudonym;
  }

  /** Adds the key to what a record's key is derived from. */
  void addTo(ByteBuffer keys) {
    keys.put(secret);
  }

  /**
   * As it may be stored.
   *
   * @param handle whose it is
   * @param period of which month ({@code yyyymm}), 0 for the pseudonym's
   */
  public Wrapped wrap(KeyEncryption encryption, Bytes handle, int period) throws IOException {
    return encryption.wrap(secret, context(name, handle, period));
  }

  /** The same, with a version of which nobody else can make a newer one meanwhile. */
  public Wrapped wrapWith(String version, KeyEncryption encryption, Bytes handle, int period)
      throws IOException {
    return encryption.wrapWith(version, secret, context(name, handle, period));
  }

  /** Fails if it was changed, or is somebody else's or another month's. */
  public static ValueKey unwrap(
      KeyEncryption encryption, Wrapped wrapped, Bytes name, Bytes handle, int period)
      throws IOException {
    ValueKey key = new ValueKey(encryption.unwrap(wrapped, context(name, handle, period)));
    if (!key.name.equals(name)) {
      throw new KeyEncryption.Unreadable("a key that goes by another's name");
    }
    return key;
  }

  private static byte[] context(Bytes name, Bytes handle, int period) {
    return ByteBuffer.allocate(LENGTH + handle.length() + Integer.BYTES)
        .put(name.toArray())
        .put(handle.toArray())
        .putInt(period)
        .array();
  }

  private static SecretKey hmacKey(byte[] secret) {
    return new SecretKeySpec(secret, "HmacSHA256");
  }

  @Override
  public String toString() {
    return "ValueKey[" + name.hex().substring(0, 8) + "]";
  }
}
