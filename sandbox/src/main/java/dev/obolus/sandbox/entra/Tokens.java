// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes and checks v2.0 tokens with the claims that Entra documents. */
public final class Tokens {
  public static final String ISSUER =
      "https://" + Directory.ISSUER_HOST + "/" + Directory.TENANT + "/v2.0";
  static final Duration LIFE = Duration.ofMinutes(60);

  private final RSAKey key;
  private final Clock clock;

  Tokens(RSAKey key, Clock clock) {
    this.key = key;
    this.clock = clock;
  }

  /** A delegated access token: the user, through a client, for a resource. */
  public String forUser(Directory.User user, Directory.App client, Directory.App resource) {
    return sign(userClaims(user, client, resource).build());
  }

  /** The claims of such a token, for a test to bend. */
  public JWTClaimsSet.Builder userClaims(
      Directory.User user, Directory.App client, Directory.App resource) {
    JWTClaimsSet.Builder claims =
        common(client, resource)
            .subject(pairwise(user.objectId(), resource.clientId()))
            .claim("oid", user.objectId())
            .claim("name", user.displayName())
            .claim("preferred_username", user.principalName())
            .claim("scp", String.join(" ", resource.scopes()))
            .claim("idtyp", "user")
            .claim("acct", 0);
    if (!user.groups().isEmpty()) {
      claims.claim("groups", user.groups());
    }
    if (resource.clientId().equals(Directory.OPERATOR) && !user.operatorRoles().isEmpty()) {
      claims.claim("roles", user.operatorRoles());
    }
    return claims;
  }

  /** An application's own access token. */
  public String forApp(Directory.App client, Directory.App resource) {
    String principal = servicePrincipal(client);
    return sign(
        common(client, resource)
            .subject(principal)
            .claim("oid", principal)
            .claim("idtyp", "app")
            .claim("roles", List.of("Data.Read"))
            .build());
  }

  /** An id token for a signed-in user. */
  public String idToken(Directory.User user, Directory.App client, @Nullable String nonce) {
    Instant now = clock.instant();
    return sign(
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(client.clientId())
            .subject(pairwise(user.objectId(), client.clientId()))
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFE)))
            .claim("ver", "2.0")
            .claim("tid", Directory.TENANT)
            .claim("oid", user.objectId())
            .claim("name", user.displayName())
            .claim("preferred_username", user.principalName())
            .claim("nonce", nonce)
            .build());
  }

  /** Signs any claims with this installation's key. */
  public String sign(JWTClaimsSet claims) {
    try {
      var jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256)
                  .type(com.nimbusds.jose.JOSEObjectType.JWT)
                  .keyID(key.getKeyID())
                  .build(),
              claims);
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign", e);
    }
  }

  /** The claims of a token of ours for this audience that is valid now. */
  public Optional<JWTClaimsSet> check(String token, String audience) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      boolean ours =
          jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
              && jwt.verify(new RSASSAVerifier(key))
              && ISSUER.equals(claims.getIssuer())
              && claims.getAudience().equals(List.of(audience));
      return ours && isNow(claims) ? Optional.of(claims) : Optional.empty();
    } catch (ParseException | JOSEException _) {
      return Optional.empty();
    }
  }

  /** Whose token it is, of one that was just issued. */
  static String personIn(String token) {
    try {
      return String.valueOf(SignedJWT.parse(token).getJWTClaimsSet().getClaim("oid"));
    } catch (ParseException e) {
      throw new IllegalStateException("not a token of ours", e);
    }
  }

  /** Whether the signature is ours, whatever else the token says. */
  boolean isSignedByUs(SignedJWT jwt) throws JOSEException {
    return jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
        && jwt.verify(new RSASSAVerifier(key));
  }

  boolean isNow(JWTClaimsSet claims) {
    Instant now = clock.instant();
    return claims.getExpirationTime() != null
        && claims.getExpirationTime().toInstant().isAfter(now)
        && (claims.getNotBeforeTime() == null
            || !claims.getNotBeforeTime().toInstant().isAfter(now.plusSeconds(300)));
  }

  private JWTClaimsSet.Builder common(Directory.App client, Directory.App resource) {
    Instant now = clock.instant();
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(resource.clientId())
        .issueTime(Date.from(now))
        .notBeforeTime(Date.from(now))
        .expirationTime(Date.from(now.plus(LIFE)))
        .claim("ver", "2.0")
        .claim("tid", Directory.TENANT)
        .claim("azp", client.clientId())
        .claim("azpacr", client.confidential() ? "1" : "0")
        .claim("aio", UUID.randomUUID().toString())
        .claim("uti", UUID.randomUUID().toString().replace("-", "").substring(0, 22));
  }

  private static String servicePrincipal(Directory.App client) {
    return client.clientId().replace("-8000-", "-9000-");
  }

  private static String pairwise(String user, String resource) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest((user + "|" + resource).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
