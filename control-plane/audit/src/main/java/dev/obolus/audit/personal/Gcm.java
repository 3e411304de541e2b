// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM; what it gives is nonce, ciphertext, tag. */
public final class Gcm {
  public static final int NONCE_LENGTH = 12;
  private static final int TAG_BITS = 128;

  // One a thread: asking the providers for one costs more than encrypting a value does.
  private static final ThreadLocal<Cipher> CIPHER = ThreadLocal.withInitial(Gcm::fresh);

  private Gcm() {}

  private static Cipher fresh() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Hides it.
   *
   * @param key 32 bytes
   * @param nonce never used with this key before
   * @param context needed again to open
   */
  public static byte[] seal(byte[] key, byte[] nonce, byte[] plain, byte[] context) {
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, context);
      byte[] sealed = Arrays.copyOf(nonce, NONCE_LENGTH + cipher.getOutputSize(plain.length));
      int _ = cipher.doFinal(plain, 0, plain.length, sealed, NONCE_LENGTH);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty if the key is another, or if anything was changed. */
  public static Optional<byte[]> open(byte[] key, byte[] sealed, byte[] context) {
    if (sealed.length < NONCE_LENGTH + TAG_BITS / 8) {
      return Optional.empty();
    }
    try {
      byte[] nonce = Arrays.copyOf(sealed, NONCE_LENGTH);
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, context);
      return Optional.of(cipher.doFinal(sealed, NONCE_LENGTH, sealed.length - NONCE_LENGTH));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] context)
      throws GeneralSecurityException {
    Cipher cipher = CIPHER.get();
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(context);
    return cipher;
  }
}
