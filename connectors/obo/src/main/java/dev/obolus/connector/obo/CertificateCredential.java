// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A certificate and its RSA key from one PEM file ({@code PRIVATE KEY}, {@code CERTIFICATE}): each
 * request is proven by an assertion of its own, signed with PS256 (RFC 7523, section 2.2).
 */
final class CertificateCredential implements ClientCredential {
  private static final Duration VALID = Duration.ofMinutes(5);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");

  private final String clientId;
  private final Path file;
  private final boolean sendChain;
  private final InstantSource clock;
  private volatile Loaded loaded;

  /**
   * @param sendChain whether the certificates themselves are sent along ({@code x5c}), for an
   *     application registered by subject name and issuer
   */
  CertificateCredential(String clientId, Path file, boolean sendChain, InstantSource clock) {
    this.clientId = clientId;
    this.file = file;
    this.sendChain = sendChain;
    this.clock = clock;
    this.loaded = load(file);
  }

  @Override
  public Mono<Map<String, String>> proof(String tokenEndpoint) {
    return Mono.fromSupplier(() -> ClientCredential.asserting(assertion(loaded, tokenEndpoint)));
  }

  private String assertion(Loaded credential, String tokenEndpoint) {
    Instant now = clock.instant();
    var header = new JWSHeader.Builder(JWSAlgorithm.PS256).x509CertSHA256Thumbprint(credential.x5t);
    if (sendChain) {
      header.x509CertChain(credential.chain);
    }
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(clientId)
            .subject(clientId)
            .audience(tokenEndpoint)
            .jwtID(UUID.randomUUID().toString())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(VALID)))
            .build();
    var jwt = new SignedJWT(header.build(), claims);
    try {
      jwt.sign(new RSASSASigner(credential.key));
    } catch (JOSEException e) {
      throw new IllegalStateException("the key does not sign", e);
    }
    return jwt.serialize();
  }

  @Override
  public Mono<Boolean> renew(String tokenEndpoint) {
    return Mono.fromCallable(this::readAgain).subscribeOn(Schedulers.boundedElastic());
  }

  private boolean readAgain() {
    Loaded before = loaded;
    loaded = load(file);
    return !before.x5t.equals(loaded.x5t);
  }

  private static Loaded load(Path file) {
    String pem = SecretFile.read(file);
    Matcher key = KEY.matcher(pem);
    Matcher certificate = CERTIFICATE.matcher(pem);
    if (!key.find() || !certificate.find()) {
      throw new IllegalArgumentException(file + " is to hold a PRIVATE KEY and a CERTIFICATE");
    }
    try {
      byte[] pkcs8 = java.util.Base64.getMimeDecoder().decode(key.group(1));
      var chain = new ArrayList<Base64>();
      do {
        chain.add(Base64.encode(der(certificate.group())));
      } while (certificate.find());
      return new Loaded(
          KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
          Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(chain.getFirst().decode())),
          List.copyOf(chain));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " holds no readable RSA key and certificate", e);
    }
  }

  private static byte[] der(String pem) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
        .getEncoded();
  }

  @Override
  public String toString() {
    return "CertificateCredential[" + file + "]";
  }

  private static final class Loaded {
    private final PrivateKey key;
    private final Base64URL x5t;
    private final List<Base64> chain;

    private Loaded(PrivateKey key, Base64URL x5t, List<Base64> chain) {
      this.key = key;
      this.x5t = x5t;
      this.chain = chain;
    }
  }
}
