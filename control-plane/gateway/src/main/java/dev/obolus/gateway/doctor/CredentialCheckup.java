// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

  private final Environment environment;

  CredentialCheckup(Environment environment) {
    this.environment = environment;
  }

  @Override
  public List<Finding> examine() throws IOException, CertificateException {
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

  private static Finding certificate(Path file) throws IOException, CertificateException {
    Matcher pem = CERTIFICATE.matcher(Files.readString(file));
    if (!pem.find()) {
      return Finding.fault(
          WHAT, file + " holds no certificate.", "Put the certificate beside its key, in PEM.");
    }
    X509Certificate certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(
                    new ByteArrayInputStream(pem.group().getBytes(StandardCharsets.US_ASCII)));
    long days = Duration.between(Instant.now(), certificate.getNotAfter().toInstant()).toDays();
    if (certificate.getNotAfter().toInstant().isBefore(Instant.now())) {
      return Finding.fault(WHAT, "The certificate expired.", "Register and configure a new one.");
    }
    String left = "The certificate is valid for another " + days + (days == 1 ? " day." : " days.");
    return days > SOON
        ? Finding.ok(WHAT, left)
        : Finding.warning(
            WHAT, left, "Register a second one now, and name both until the first is gone.");
  }
}
