// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.Installation;
import dev.obolus.sandbox.entra.Issuers;
import dev.obolus.sandbox.entra.SelfSigned;
import dev.obolus.sandbox.entra.Tokens;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How an application shows that it is itself: by its secret, by an assertion that its certificate's
 * key signed (RFC 7523), or by a token that somebody it trusts got for it (a federated credential:
 * the gateway's managed identity, an agent identity's blueprint).
 */
final class ClientProof {
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  private static final Set<JWSAlgorithm> SIGNATURES =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256);
  private static final int LONGEST_SECONDS = 24 * 3_600;

  private final Installation installation;
  private final Tokens tokens;
  private final Clock clock;

  ClientProof(Installation installation, Tokens tokens, Clock clock) {
    this.installation = installation;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * An application that showed who it is.
   *
   * @param credential {@code none}, {@code secret}, {@code certificate} or {@code federated}
   */
  record Proven(App app, String credential) {
    /** As tokens say it in {@code azpacr}. */
    int level() {
      return switch (credential) {
        case "none" -> 0;
        case "secret" -> 1;
        default -> 2;
      };
    }
  }

  /**
   * Passes, or refuses as Entra does.
   *
   * @param segment the first of the request's path, which an assertion's audience must name
   */
  Proven require(App client, Map<String, String> form, String segment) throws Refused {
    String secret = form.getOrDefault("client_secret", "");
    String assertion = form.getOrDefault("client_assertion", "");
    boolean asserts =
        !assertion.isEmpty() && ASSERTION_TYPE.equals(form.get("client_assertion_type"));
    boolean federates =
        client.blueprint().isPresent() || client.clientId().equals(Directory.GATEWAY);
    if (asserts && federates && isOurs(assertion)) {
      requireFederated(client, assertion);
      return new Proven(client, "federated");
    } else if (!client.confidential() && client.blueprint().isEmpty()) {
      throw refused(
          700025, "Client is public so neither 'client_assertion' nor 'client_secret' is taken.");
    } else if (asserts) {
      requireSigned(client, assertion, segment);
      return new Proven(client, "certificate");
    } else if (secret.isEmpty()) {
      throw refused(
          7000218,
          "The request body must contain the following parameter: 'client_assertion' or"
              + " 'client_secret'.");
    } else if (!installation.isSecretOf(client.clientId(), secret)) {
      throw refused(7000215, "Invalid client secret provided.");
    }
    return new Proven(client, "secret");
  }

  /** Whether it says that it is a token of ours, true or not. */
  private static boolean isOurs(String assertion) {
    try {
      String issuer = String.valueOf(SignedJWT.parse(assertion).getJWTClaimsSet().getIssuer());
      return issuer.startsWith("https://" + Directory.ISSUER_HOST + "/");
    } catch (ParseException _) {
      return false;
    }
  }

  private void requireFederated(App client, String assertion) throws Refused {
    JWTClaimsSet claims =
        tokens
            .check(assertion, Directory.TOKEN_EXCHANGE)
            .orElseThrow(() -> refused(700027, "Client assertion failed signature validation."));
    boolean known =
        client.blueprint().isPresent()
            ? client.blueprint().get().equals(claims.getClaim("azp"))
                && claims.getSubject().endsWith("/" + client.clientId())
            : gatewayIdentity().servicePrincipal().equals(claims.getSubject());
    if (!known) {
      throw refused(
          700213, "No matching federated identity record found for presented assertion subject.");
    }
  }

  private static App gatewayIdentity() {
    return Directory.app(Directory.GATEWAY_IDENTITY).orElseThrow();
  }

  private void requireSigned(App client, String assertion, String segment) throws Refused {
    X509Certificate certificate =
        installation
            .certificateOf(client.clientId())
            .orElseThrow(() -> refused(700027, "The application has no certificate."));
    JWTClaimsSet claims;
    try {
      SignedJWT jwt = SignedJWT.parse(assertion);
      claims = jwt.getJWTClaimsSet();
      boolean signed =
          SIGNATURES.contains(jwt.getHeader().getAlgorithm())
              && names(jwt.getHeader(), certificate)
              && jwt.verify(new RSASSAVerifier((RSAPublicKey) certificate.getPublicKey()));
      if (!signed) {
        throw refused(700027, "Client assertion failed signature validation.");
      }
    } catch (ParseException | JOSEException _) {
      throw refused(50027, "JWT token is invalid or malformed.");
    }
    if (!client.clientId().equals(claims.getIssuer())
        || !client.clientId().equals(claims.getSubject())) {
      throw refused(700021, "Client assertion: issuer and subject are not the application.");
    }
    if (claims.getAudience().size() != 1
        || !isThisEndpoint(claims.getAudience().getFirst(), segment)) {
      throw refused(700212, "No matching audience found in the client assertion.");
    }
    if (!isNow(claims)) {
      throw refused(700024, "Client assertion is not within its valid time range.");
    }
  }

  /** MSAL for Java writes the thumbprint in plain base64; Entra takes both. */
  private static boolean names(JWSHeader header, X509Certificate certificate) {
    return thumbprint(header, "x5t").equals(SelfSigned.thumbprint(certificate, "SHA-1"))
        || thumbprint(header, "x5t#S256").equals(SelfSigned.thumbprint(certificate, "SHA-256"));
  }

  private static String thumbprint(JWSHeader header, String name) {
    return String.valueOf(header.toJSONObject().get(name))
        .replace('+', '-')
        .replace('/', '_')
        .replace("=", "");
  }

  /** By whatever host it was reached. */
  private static boolean isThisEndpoint(String audience, String segment) {
    return audience.equals(Issuers.SANDBOX.v2(segment))
        || ((audience.startsWith("https://") || audience.startsWith("http://"))
            && audience.endsWith("/" + segment + "/oauth2/v2.0/token"));
  }

  private boolean isNow(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Optional<Instant> ends =
        Optional.ofNullable(claims.getExpirationTime()).map(java.util.Date::toInstant);
    return ends.filter(end -> end.isAfter(now) && end.isBefore(now.plusSeconds(LONGEST_SECONDS)))
        .isPresent();
  }

  private static Refused refused(int aadsts, String text) {
    return EntraError.of("invalid_client", aadsts, text).refused();
  }

  static List<String> ways() {
    return List.of("client_secret_post", "client_secret_basic", "private_key_jwt");
  }
}
