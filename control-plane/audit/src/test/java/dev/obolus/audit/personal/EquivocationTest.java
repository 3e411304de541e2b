// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Crypto;
import dev.obolus.audit.chain.Tag;
import dev.obolus.audit.personal.KeyEncryption.Unreadable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * AES-GCM does not commit to its key: whoever seals a value can make a ciphertext that two keys
 * open, each to another text. Which of the two is the record's key is therefore in its name.
 */
class EquivocationTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ChainId CHAIN = ChainId.parse("f7".repeat(16));
  private static final long SEQ = 4;
  private static final int FIELD = Tag.STATEMENT.number();
  private static final Bytes HANDLE = Bytes.of(new byte[32]);
  private static final int PERIOD = 202611;
  private static final int BLOCK = 16;

  /** What GHASH reduces by (NIST SP 800-38D, 6.3). */
  private static final BigInteger R = BigInteger.valueOf(0xe1).shiftLeft(120);

  @TempDir Path folder;

  @Test
  void oneCiphertextThatTwoKeysOpenIsShownUnderOneOfThemOnly() throws Exception {
    ValueKey key = ValueKey.create(RANDOM);
    ValueKey another = ValueKey.create(RANDOM);
    byte[] sealed = openedByBoth(recordKey(key), "NO", recordKey(another), "OK");
    assertThat(value(key, sealed)).contains("NO");
    assertThat(value(another, sealed)).contains("OK");

    FileKeyEncryption encryption = FileKeyEncryption.create(folder.resolve("value.key"), RANDOM);
    KeyEncryption.Wrapped honest = key.wrap(encryption, HANDLE, PERIOD);
    ValueKey shown = ValueKey.unwrap(encryption, honest, key.name(), HANDLE, PERIOD);
    assertThat(value(shown, sealed)).contains("NO");

    KeyEncryption.Wrapped forged = wrapAs(key.name(), another, encryption);
    assertThatThrownBy(() -> ValueKey.unwrap(encryption, forged, key.name(), HANDLE, PERIOD))
        .isInstanceOf(Unreadable.class)
        .hasMessage("a key that goes by another's name");
  }

  /** As whoever has the key-encryption key can. */
  private static KeyEncryption.Wrapped wrapAs(
      Bytes name, ValueKey key, FileKeyEncryption encryption) throws IOException {
    byte[] context =
        ByteBuffer.allocate(68).put(name.toArray()).put(HANDLE.toArray()).putInt(PERIOD).array();
    return encryption.wrap(secret(key), context);
  }

  private static Optional<String> value(ValueKey key, byte[] sealed) {
    return new SealingKeys(Optional.empty(), List.of(key))
        .open(CHAIN, SEQ, FIELD, sealed)
        .map(salted -> new String(salted, BLOCK, salted.length - BLOCK, US_ASCII));
  }

  private static byte[] secret(ValueKey key) {
    ByteBuffer secret = ByteBuffer.allocate(ValueKey.LENGTH);
    key.addTo(secret);
    return secret.array();
  }

  /** As the format's page says. */
  private static byte[] recordKey(ValueKey key) {
    byte[] domain = Crypto.domain("record-values");
    byte[] info =
        ByteBuffer.allocate(domain.length + 24)
            .put(domain)
            .put(CHAIN.bytes().toArray())
            .putLong(SEQ)
            .array();
    return Crypto.derive(new SecretKeySpec(secret(key), "HmacSHA256"), info).getEncoded();
  }

  /**
   * Nonce, ciphertext and tag. A nonce is looked for that hides both texts, two letters each,
   * alike; the block of the salt before them is then chosen so that both keys give the same tag.
   */
  private static byte[] openedByBoth(byte[] one, String text, byte[] other, String otherText)
      throws GeneralSecurityException {
    byte[] nonce = new byte[Gcm.NONCE_LENGTH];
    byte[] hidden;
    int tries = 0;
    do {
      ByteBuffer _ = ByteBuffer.wrap(nonce).putInt(tries++);
      hidden = xor(text.getBytes(US_ASCII), Arrays.copyOfRange(stream(one, nonce), 32, 34));
    } while (!Arrays.equals(
        hidden,
        xor(otherText.getBytes(US_ASCII), Arrays.copyOfRange(stream(other, nonce), 32, 34))));
    BigInteger both = rest(one, nonce, hidden).xor(rest(other, nonce, hidden));
    BigInteger cubes = cube(hashKey(one)).xor(cube(hashKey(other)));
    BigInteger salt = times(both, inverse(cubes));
    BigInteger tag = rest(one, nonce, hidden).xor(times(salt, cube(hashKey(one))));
    return ByteBuffer.allocate(nonce.length + BLOCK + hidden.length + BLOCK)
        .put(nonce)
        .put(block(salt))
        .put(hidden)
        .put(block(tag))
        .array();
  }

  /** The tag as it would be if the salt's block, the last but two of what is hashed, were zero. */
  private static BigInteger rest(byte[] key, byte[] nonce, byte[] hidden)
      throws GeneralSecurityException {
    byte[] domain = Crypto.domain("value");
    byte[] context =
        ByteBuffer.allocate(domain.length + 2).put(domain).putShort((short) FIELD).array();
    int padded = (context.length + BLOCK - 1) / BLOCK * BLOCK;
    byte[] hashed =
        ByteBuffer.allocate(padded + 3 * BLOCK)
            .put(context)
            .put(padded + BLOCK, hidden)
            .putLong(padded + 2 * BLOCK, context.length * 8L)
            .putLong(padded + 2 * BLOCK + 8, (BLOCK + hidden.length) * 8L)
            .array();
    BigInteger hash = BigInteger.ZERO;
    for (int at = 0; at < hashed.length; at += BLOCK) {
      hash = times(hash.xor(number(hashed, at)), hashKey(key));
    }
    return hash.xor(number(stream(key, nonce), 0));
  }

  /** What hides the tag, then what hides the first two blocks. */
  private static byte[] stream(byte[] key, byte[] nonce) throws GeneralSecurityException {
    return counted(key, ByteBuffer.allocate(BLOCK).put(nonce).putInt(1).array(), 3 * BLOCK);
  }

  private static BigInteger hashKey(byte[] key) throws GeneralSecurityException {
    return number(counted(key, new byte[BLOCK], BLOCK), 0);
  }

  private static byte[] counted(byte[] key, byte[] first, int length)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(first));
    return cipher.doFinal(new byte[length]);
  }

  private static BigInteger cube(BigInteger of) {
    return times(of, times(of, of));
  }

  /** To the power of 2^128 - 2. */
  private static BigInteger inverse(BigInteger of) {
    BigInteger square = of;
    BigInteger product = BigInteger.ONE.shiftLeft(127);
    for (int i = 1; i < 128; i++) {
      square = times(square, square);
      product = times(product, square);
    }
    return product;
  }

  private static BigInteger times(BigInteger x, BigInteger y) {
    BigInteger product = BigInteger.ZERO;
    BigInteger shifted = y;
    for (int bit = 127; bit >= 0; bit--) {
      product = x.testBit(bit) ? product.xor(shifted) : product;
      shifted = shifted.testBit(0) ? shifted.shiftRight(1).xor(R) : shifted.shiftRight(1);
    }
    return product;
  }

  private static BigInteger number(byte[] bytes, int at) {
    return new BigInteger(1, bytes, at, BLOCK);
  }

  private static byte[] block(BigInteger number) {
    byte[] bytes = number.add(BigInteger.ONE.shiftLeft(128)).toByteArray();
    return Arrays.copyOfRange(bytes, bytes.length - BLOCK, bytes.length);
  }

  private static byte[] xor(byte[] one, byte[] other) {
    byte[] both = one.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] ^= other[i];
    }
    return both;
  }
}
