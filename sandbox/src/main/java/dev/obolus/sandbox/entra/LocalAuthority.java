// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority of this installation's own, for clients that insist on https. Its
 * certificate is written to {@code ca.pem}; nothing trusts it unless told to.
 */
public final class LocalAuthority {
  private static final char[] STORE_PASSWORD = "local".toCharArray(); // the file is 0600
  private static final Duration LIFE = Duration.ofDays(825);
  private static final String SIGNATURE = "SHA256withECDSA";

  private final KeyStore store;

  private LocalAuthority(KeyStore store) {
    this.store = store;
  }

  /** Reads the authority's server certificate, or makes both. */
  public static LocalAuthority in(Path folder) throws IOException {
    Path file = folder.resolve("https.p12");
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      if (Files.exists(file)) {
        try (InputStream in = Files.newInputStream(file)) {
          store.load(in, STORE_PASSWORD);
        }
      } else {
        store.load(null, null);
        make(store, folder.resolve("ca.pem"));
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(file)) {
          store.store(out, STORE_PASSWORD);
        }
      }
      return new LocalAuthority(store);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("no certificate for https in " + folder, e);
    }
  }

  /** For a server. */
  public SSLContext context() throws IOException {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, STORE_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("https cannot be served", e);
    }
  }

  private static void make(KeyStore store, Path caFile)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    KeyPair authority = keys();
    KeyPair server = keys();
    X500Principal issuer = new X500Principal("CN=Obolus sandbox authority");
    X509Certificate ca =
        certificate(issuer, authority, issuer, authority, new BasicConstraints(0), null);
    X509Certificate leaf =
        certificate(
            issuer,
            authority,
            new X500Principal("CN=localhost"),
            server,
            new BasicConstraints(false),
            new GeneralNames(
                new GeneralName[] {
                  new GeneralName(GeneralName.dNSName, "localhost"),
                  new GeneralName(GeneralName.dNSName, Directory.ISSUER_HOST),
                  new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
    PrivateKey key = server.getPrivate();
    store.setKeyEntry("https", key, STORE_PASSWORD, new Certificate[] {leaf, ca});
    var pem = new StringWriter();
    try (var writer = new JcaPEMWriter(pem)) {
      writer.writeObject(ca);
    }
    Files.writeString(caFile, pem.toString());
  }

  private static X509Certificate certificate(
      X500Principal issuer,
      KeyPair issuerKeys,
      X500Principal subject,
      KeyPair subjectKeys,
      BasicConstraints constraints,
      @org.jspecify.annotations.Nullable GeneralNames names)
      throws GeneralSecurityException, OperatorCreationException, CertIOException {
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(120, new SecureRandom()),
            Date.from(now.minusSeconds(300)),
            Date.from(now.plus(LIFE)),
            subject,
            subjectKeys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, constraints);
    if (names != null) {
      builder.addExtension(Extension.subjectAlternativeName, false, names);
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder(SIGNATURE).build(issuerKeys.getPrivate())));
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }
}
