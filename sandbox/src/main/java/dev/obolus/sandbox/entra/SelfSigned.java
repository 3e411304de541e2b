// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An RSA key with the certificate that names it: a token signer's, or an application's. */
public record SelfSigned(KeyPair keys, X509Certificate certificate) {
  private static final Duration LIFE = Duration.ofDays(1_825);

  static SelfSigned make(String name) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair keys = generator.generateKeyPair();
      var subject = new X500Principal("CN=" + name);
      Instant now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
              subject,
              new BigInteger(120, new SecureRandom()),
              Date.from(now.minusSeconds(300)),
              Date.from(now.plus(LIFE)),
              subject,
              keys.getPublic());
      var signer = new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate());
      return new SelfSigned(
          keys, new JcaX509CertificateConverter().getCertificate(builder.build(signer)));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("no key for " + name, e);
    }
  }

  /** The certificate's thumbprint, as {@code x5t} (SHA-1) and {@code x5t#S256} have it. */
  public static String thumbprint(X509Certificate certificate, String algorithm) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Key and certificate as PEM. */
  String pem() throws IOException {
    try {
      return block("PRIVATE KEY", keys.getPrivate().getEncoded())
          + block("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificate cannot be written", e);
    }
  }

  private static String block(String name, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(name, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
  }
}
