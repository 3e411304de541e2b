// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** Ed25519 by BouncyCastle (twenty times the JDK's speed), ML-DSA-44 by the JDK. */
final class Signatures {
  static final String ML_DSA_44 = "ML-DSA-44";

  /** What stands before a raw ML-DSA-44 key in its X.509 encoding. */
  private static final byte[] ML_DSA_44_X509 = {
    0x30,
    (byte) 0x82,
    0x05,
    0x32,
    0x30,
    0x0B,
    0x06,
    0x09,
    0x60,
    (byte) 0x86,
    0x48,
    0x01,
    0x65,
    0x03,
    0x04,
    0x03,
    0x11,
    0x03,
    (byte) 0x82,
    0x05,
    0x21,
    0x00
  };

  private Signatures() {}

  static boolean verifies(SignatureType type, Bytes key, byte[] message, byte[] signature) {
    return switch (type) {
      case ED25519, ED25519_COSIGNATURE -> {
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(false, new Ed25519PublicKeyParameters(key.toArray()));
        verifier.update(message, 0, message.length);
        yield verifier.verifySignature(signature);
      }
      case ML_DSA_44 -> mlDsa(key, message, signature);
    };
  }

  private static boolean mlDsa(Bytes key, byte[] message, byte[] signature) {
    try {
      byte[] encoded = new byte[ML_DSA_44_X509.length + key.length()];
      System.arraycopy(ML_DSA_44_X509, 0, encoded, 0, ML_DSA_44_X509.length);
      System.arraycopy(key.toArray(), 0, encoded, ML_DSA_44_X509.length, key.length());
      PublicKey decoded =
          KeyFactory.getInstance(ML_DSA_44).generatePublic(new X509EncodedKeySpec(encoded));
      Signature verifier = Signature.getInstance(ML_DSA_44);
      verifier.initVerify(decoded);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The raw key in an ML-DSA-44 key's X.509 encoding. */
  static Bytes raw(PublicKey key) {
    byte[] encoded = key.getEncoded();
    return Bytes.of(java.util.Arrays.copyOfRange(encoded, ML_DSA_44_X509.length, encoded.length));
  }
}
