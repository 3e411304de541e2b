// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.issuing;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.KeyAgreement;

/** One end of an X25519 agreement (RFC 7748), used once. */
final class Agreement {
  /** How long a public key is, with what says that it is one of X25519 (RFC 8410). */
  static final int PUBLIC_LENGTH = 44;

  private static final String X25519 = "X25519";
  private final KeyPair pair;

  Agreement() {
    try {
      this.pair = KeyPairGenerator.getInstance(X25519).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] publicKey() {
    return pair.getPublic().getEncoded();
  }

  /** What both ends come to; {@link IllegalArgumentException} if the other's is no public key. */
  byte[] with(byte[] other) {
    try {
      KeyAgreement agreement = KeyAgreement.getInstance(X25519);
      agreement.init(pair.getPrivate());
      Object _ =
          agreement.doPhase(
              KeyFactory.getInstance(X25519).generatePublic(new X509EncodedKeySpec(other)), true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a public key of X25519", e);
    }
  }
}
