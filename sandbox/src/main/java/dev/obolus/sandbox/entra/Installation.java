// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is this installation's own: a signing key, the applications' secrets and the gateway's
 * certificate, made once, each in a file only its owner may read. Tokens of two installations do
 * not cross.
 */
public final class Installation {
  private final SigningKeys keys;
  private final Map<String, byte[]> secrets = new LinkedHashMap<>();

  private final Map<String, X509Certificate> certificates = new LinkedHashMap<>();

  private Installation(SigningKeys keys) {
    this.keys = keys;
  }

  public static Installation in(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var installation =
        new Installation(
            new SigningKeys(
                key(folder.resolve("entra-signing-key.json")),
                key(folder.resolve("entra-consumers-key.json"))));
    for (App app : Directory.apps()) {
      if (app.confidential()) {
        String name =
            app.name()
                + (app.name().equals("gateway") || app.name().equals("console") ? "-client" : "");
        installation.secrets.put(app.clientId(), secret(folder.resolve(name + ".secret")));
      }
    }
    installation.certificates.put(
        Directory.GATEWAY, certificate(folder.resolve("gateway-client.pem")));
    return installation;
  }

  public Optional<X509Certificate> certificateOf(String clientId) {
    return Optional.ofNullable(certificates.get(clientId));
  }

  public SigningKeys keys() {
    return keys;
  }

  public boolean isSecretOf(String clientId, String secret) {
    byte[] expected = secrets.get(clientId);
    return expected != null
        && MessageDigest.isEqual(
            expected, secret.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static RSAKey key(Path file) throws IOException {
    try {
      if (Files.exists(file)) {
        return RSAKey.parse(Files.readString(file));
      }
      RSAKey key = newKey("Obolus sandbox tokens");
      write(file, key.toJSONString());
      return key;
    } catch (ParseException e) {
      throw new IOException("the stand-in Entra's signing key cannot be used: " + file, e);
    }
  }

  static RSAKey newKey(String name) throws IOException {
    SelfSigned pair = SelfSigned.make(name);
    try {
      return new RSAKey.Builder((RSAPublicKey) pair.keys().getPublic())
          .privateKey(pair.keys().getPrivate())
          .keyUse(KeyUse.SIGNATURE)
          .keyID(SelfSigned.thumbprint(pair.certificate(), "SHA-1"))
          .x509CertChain(List.of(Base64.encode(pair.certificate().getEncoded())))
          .build();
    } catch (CertificateException e) {
      throw new IOException("no key for " + name, e);
    }
  }

  private static X509Certificate certificate(Path file) throws IOException {
    if (!Files.exists(file)) {
      write(file, SelfSigned.make("Obolus gateway").pem());
    }
    String pem = Files.readString(file);
    int begins = Math.max(0, pem.indexOf("-----BEGIN CERTIFICATE-----"));
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(
                      pem.substring(begins).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new IOException("the gateway's certificate cannot be used: " + file, e);
    }
  }

  private static byte[] secret(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      write(file, HexFormat.of().formatHex(random));
    }
    return Files.readString(file).strip().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static void write(Path file, String content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }
}
