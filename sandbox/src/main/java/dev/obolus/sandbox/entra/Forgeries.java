// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Tokens that must not be taken, each wrong in one way only and right in every other. For tests of
 * whoever checks tokens.
 */
public final class Forgeries {
  private static final int HOUR = 3_600;

  private final Tokens tokens;
  private final SigningKeys keys;
  private final JWTClaimsSet good;

  /**
   * @param good claims of a token that would be taken
   */
  public Forgeries(Tokens tokens, SigningKeys keys, JWTClaimsSet good) {
    this.tokens = tokens;
    this.keys = keys;
    this.good = good;
  }

  /** By the name of its fault, as the control API takes it: {@code expired}, {@code other-key}. */
  public Optional<String> named(String fault) {
    return switch (fault) {
      case "expired" -> Optional.of(expired());
      case "not-yet-valid" -> Optional.of(notYetValid());
      case "tampered" -> Optional.of(tampered());
      case "wrong-audience" -> Optional.of(wrongAudience());
      case "wrong-issuer" -> Optional.of(wrongIssuer());
      case "other-tenant" -> Optional.of(otherTenant());
      case "without-scope" -> Optional.of(withoutScope());
      case "unsigned" -> Optional.of(unsigned());
      case "mac-with-public-key" -> Optional.of(macWithPublicKey());
      case "other-key" -> Optional.of(otherKey());
      case "unknown-key" -> Optional.of(unknownKey());
      case "consumers-key" -> Optional.of(consumersKey());
      case "consumers-tenant" -> Optional.of(consumersTenant());
      default -> Optional.empty();
    };
  }

  /** Ended an hour ago. */
  public String expired() {
    return signed(change().issueTime(hours(-2)).notBeforeTime(hours(-2)).expirationTime(hours(-1)));
  }

  /** Begins in an hour. */
  public String notYetValid() {
    return signed(change().notBeforeTime(hours(1)).expirationTime(hours(2)));
  }

  /** Somebody else's object id under the signature of the first. */
  public String tampered() {
    String[] parts = tokens.sign(good).split("\\.", -1);
    String[] others =
        signed(change().claim("oid", Directory.user("root-admin").orElseThrow().objectId()))
            .split("\\.", -1);
    return parts[0] + "." + others[1] + "." + parts[2];
  }

  public String wrongAudience() {
    return signed(change().audience(Directory.DATABRICKS));
  }

  public String wrongIssuer() {
    return signed(change().issuer("https://login.example/" + Directory.TENANT + "/v2.0"));
  }

  /** Of a tenant that nobody allowed, its issuer in agreement. */
  public String otherTenant() {
    String tenant = "99999999-9999-4999-8999-999999999999";
    return signed(
        change()
            .issuer("https://" + Directory.ISSUER_HOST + "/" + tenant + "/v2.0")
            .claim("tid", tenant));
  }

  public String withoutScope() {
    return signed(change().claim("scp", null));
  }

  /** {@code alg: none}. */
  public String unsigned() {
    return new PlainJWT(good).serialize();
  }

  /** HS256, with the public key as the secret that it is not. */
  public String macWithPublicKey() {
    try {
      RSAKey key = keys.signing();
      var jwt = new SignedJWT(header(JWSAlgorithm.HS256, key.getKeyID()), good);
      jwt.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Another key under the name of the right one. */
  public String otherKey() {
    return foreign(keys.signing().getKeyID());
  }

  /** A key that was never published. */
  public String unknownKey() {
    return foreign("never-published");
  }

  /** The consumers' key, which is published and may not sign for this tenant. */
  public String consumersKey() {
    return Tokens.sign(good, keys.consumers());
  }

  /** Of the consumers' tenant, by its own key: right in itself, and never to be let in. */
  public String consumersTenant() {
    return Tokens.sign(
        change()
            .issuer(keys.issuers().v2(Directory.CONSUMERS))
            .claim("tid", Directory.CONSUMERS)
            .build(),
        keys.consumers());
  }

  private String foreign(String keyId) {
    try {
      var jwt = new SignedJWT(header(JWSAlgorithm.RS256, keyId), good);
      jwt.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JWSHeader header(JWSAlgorithm algorithm, String keyId) {
    return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(keyId).build();
  }

  private JWTClaimsSet.Builder change() {
    return new JWTClaimsSet.Builder(good);
  }

  private String signed(JWTClaimsSet.Builder claims) {
    return tokens.sign(claims.build());
  }

  private static Date hours(int fromNow) {
    return Date.from(Instant.now().plusSeconds((long) fromNow * HOUR));
  }
}
