// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The JDK's SHA-256, HMAC and HKDF, with the format's domain strings. */
public final class Crypto {
  static final int HASH_LENGTH = 32;
  private static final String HMAC = "HmacSHA256";

  // Copied for each use: asking the providers costs more than hashing a record does.
  private static final MessageDigest FRESH_SHA256;
  private static final Mac FRESH_HMAC;
  private static final ThreadLocal<KDF> HKDF = ThreadLocal.withInitial(Crypto::hkdf);

  static {
    try {
      FRESH_SHA256 = MessageDigest.getInstance("SHA-256");
      FRESH_HMAC = Mac.getInstance(HMAC);
      FRESH_HMAC.init(new SecretKeySpec(new byte[HASH_LENGTH], HMAC));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  private Crypto() {}

  public static MessageDigest sha256() {
    try {
      return (MessageDigest) FRESH_SHA256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Mac hmac(SecretKey key) {
    try {
      Mac mac = (Mac) FRESH_HMAC.clone();
      mac.init(key);
      return mac;
    } catch (CloneNotSupportedException | InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KDF hkdf() {
    try {
      return KDF.getInstance("HKDF-SHA256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** HKDF-SHA256, extract with an empty salt, then expand. */
  public static SecretKey derive(SecretKey root, byte[] info) {
    try {
      return HKDF.get()
          .deriveKey(
              HMAC, HKDFParameterSpec.ofExtract().addIKM(root).thenExpand(info, HASH_LENGTH));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A domain string, ended by a zero byte so that none is another's beginning. */
  public static byte[] domain(String name) {
    return ("obolus/audit/v1/" + name + "\0").getBytes(StandardCharsets.US_ASCII);
  }
}
