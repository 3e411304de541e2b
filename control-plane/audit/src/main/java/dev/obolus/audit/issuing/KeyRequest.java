// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.issuing;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.IssuedKey;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A gateway's request for the key of one chain, and what opens the answer.
 *
 * <p>Guarantees: the answer can be read by this object alone, so neither the secret that the
 * gateway keeps nor the database gives a key away later.
 */
public final class KeyRequest {
  private static final int ID_LENGTH = 16;
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_BITS = 128;

  private final Enrolment enrolment;
  private final Agreement mine = new Agreement();
  private final byte[] id = new byte[ID_LENGTH];
  private final int epoch;

  public KeyRequest(Enrolment enrolment, int epoch, SecureRandom random) {
    this.enrolment = enrolment;
    this.epoch = epoch;
    random.nextBytes(id);
  }

  public Bytes id() {
    return Bytes.of(id);
  }

  public String enrolment() {
    return enrolment.id();
  }

  public int epoch() {
    return epoch;
  }

  public Bytes publicKey() {
    return Bytes.of(mine.publicKey());
  }

  public Bytes mac() {
    return Bytes.of(enrolment.sign(id, epoch, mine.publicKey()));
  }

  /** Empty if it is no answer to this request by the log's signer. */
  public Optional<IssuedKey> open(Bytes answer) {
    byte[] all = answer.toArray();
    int sealedAt = Agreement.PUBLIC_LENGTH + NONCE_LENGTH;
    if (all.length <= sealedAt) {
      return Optional.empty();
    }
    byte[] theirs = Arrays.copyOf(all, Agreement.PUBLIC_LENGTH);
    try {
      byte[] agreed = mine.with(theirs);
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          enrolment.answerKey(agreed, id, mine.publicKey(), theirs),
          new GCMParameterSpec(TAG_BITS, all, Agreement.PUBLIC_LENGTH, NONCE_LENGTH));
      IssuedKey key = IssuedKey.ofBytes(cipher.doFinal(all, sealedAt, all.length - sealedAt));
      return Optional.of(key).filter(issued -> issued.epoch() == epoch);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What a signer answers to a request; {@link IllegalArgumentException} if it is none. */
  static Bytes answer(
      Enrolment enrolment, byte[] id, byte[] asking, IssuedKey key, SecureRandom random) {
    Agreement ours = new Agreement();
    byte[] answering = ours.publicKey();
    byte[] nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          enrolment.answerKey(ours.with(asking), id, asking, answering),
          new GCMParameterSpec(TAG_BITS, nonce));
      byte[] sealed = cipher.doFinal(key.toBytes());
      byte[] all = Arrays.copyOf(answering, answering.length + nonce.length + sealed.length);
      System.arraycopy(nonce, 0, all, answering.length, nonce.length);
      System.arraycopy(sealed, 0, all, answering.length + nonce.length, sealed.length);
      return Bytes.of(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
