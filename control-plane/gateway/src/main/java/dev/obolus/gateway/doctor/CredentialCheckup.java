// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.env.Environment;

/** What the gateway proves itself by, and for how long still. */
final class CredentialCheckup implements Checkup {
  private static final String WHAT = "gateway's credential";
  private static final long SOON = 30;
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", Pattern.DOTALL);

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private final Environment environment;

  CredentialCheckup(Environment environment) {
    this.environment = environment;
  }

  @Override
  public List<Finding> examine() throws IOException, GeneralSecurityException {
    List<Finding> findings = new ArrayList<>();
    for (String credential : List.of("obolus.obo.", "obolus.obo.standby.", "obolus.azure.")) {
      String certificate = environment.getProperty(credential + "certificate-file", "");
      if (!certificate.isBlank()) {
        findings.add(certificate(Path.of(certificate)));
      }
      if (!environment.getProperty(credential + "client-secret-file", "").isBlank()) {
        findings.add(
            Finding.ok(
                WHAT, "A client secret; only the app registration knows until when it is valid."));
      }
    }
    return findings.isEmpty() ? List.of(Finding.ok(WHAT, "No file of this machine.")) : findings;
  }

  private static Finding certificate(Path file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(file);
    Matcher certificate = CERTIFICATE.matcher(pem);
    Matcher key = KEY.matcher(pem);
    if (!certificate.find()) {
      return Finding.fault(
          WHAT, file + " holds no certificate.", "Put the certificate beside its key, in PEM.");
    }
    if (!key.find()) {
      return Finding.fault(
          WHAT,
          file + " holds no PRIVATE KEY.",
          "Put the key beside its certificate, in PEM by PKCS #8.");
    }
    X509Certificate read =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(
                    new ByteArrayInputStream(
                        certificate.group().getBytes(StandardCharsets.US_ASCII)));
    PrivateKey own =
        KeyFactory.getInstance("RSA")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(1))));
    return areOfOnePair(own, read.getPublicKey())
        ? validity(read, Instant.now())
        : Finding.fault(
            WHAT,
            "The private key in " + file + " is not the certificate's.",
            "Put the certificate's own RSA key beside it; the certificate comes first of several.");
  }

  private static boolean areOfOnePair(PrivateKey own, PublicKey certified) {
    return own instanceof RSAPrivateKey mine
        && certified instanceof RSAPublicKey theirs
        && mine.getModulus().equals(theirs.getModulus());
  }

  private static Finding validity(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    if (certificate.getNotBefore().toInstant().isAfter(now)) {
      return Finding.fault(
          WHAT,
          "The certificate is not valid before " + certificate.getNotBefore().toInstant() + ".",
          "Wait until then, or see to this machine's clock.");
    }
    if (end.isBefore(now)) {
      return Finding.fault(WHAT, "The certificate expired.", "Register and configure a new one.");
    }
    long days = Duration.between(now, end).toDays();
    String left = "The certificate is valid for another " + days + (days == 1 ? " day." : " days.");
    return days > SOON
        ? Finding.ok(WHAT, left)
        : Finding.warning(
            WHAT, left, "Register a second one now, and name both until the first is gone.");
  }
}
