// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key and its certificates from one PEM file ({@code PRIVATE KEY} by PKCS #8, {@code
 * CERTIFICATE}, the key's own first).
 *
 * <p>Guarantees: no {@code toString} shows the key.
 */
final class CertificateFile {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");

  private final PrivateKey key;
  private final List<X509Certificate> chain;

  private CertificateFile(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain;
  }

  static CertificateFile read(Path file) throws IOException {
    String pem = OwnersFile.read(file);
    Matcher key = KEY.matcher(pem);
    try {
      CertificateFactory certificates = CertificateFactory.getInstance("X.509");
      List<X509Certificate> chain =
          CERTIFICATE
              .matcher(pem)
              .results()
              .map(found -> certificate(certificates, found.group()))
              .toList();
      if (!key.find() || chain.isEmpty()) {
        throw new AppTokenFailure.Unusable(file + " is to hold a PRIVATE KEY and a CERTIFICATE");
      }
      byte[] pkcs8 = Base64.getMimeDecoder().decode(key.group(1));
      return new CertificateFile(
          KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)), chain);
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      throw new AppTokenFailure.Unusable(file + " holds no readable RSA key and certificate");
    }
  }

  private static X509Certificate certificate(CertificateFactory factory, String pem) {
    try {
      return (X509Certificate)
          factory.generateCertificate(
              new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(e);
    }
  }

  PrivateKey key() {
    return key;
  }

  List<X509Certificate> chain() {
    return chain;
  }
}
