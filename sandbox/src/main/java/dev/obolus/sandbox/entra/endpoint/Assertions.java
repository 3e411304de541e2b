// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.SigningKeys;
import dev.obolus.sandbox.entra.Tokens;
import java.text.ParseException;

/**
 * What may be exchanged on behalf of somebody: an access token for a person, of either version,
 * signed by a key that may sign for its tenant, for the very application that presents it, valid
 * now. An agent identity presents what was issued for its blueprint.
 */
final class Assertions {
  private final SigningKeys keys;
  private final Tokens tokens;

  Assertions(SigningKeys keys, Tokens tokens) {
    this.keys = keys;
    this.tokens = tokens;
  }

  JWTClaimsSet require(String assertion, App client) throws Refused {
    JWTClaimsSet claims;
    try {
      SignedJWT jwt = SignedJWT.parse(assertion);
      claims = jwt.getJWTClaimsSet();
      if (!keys.signed(jwt)) {
        throw refused(50013, "Assertion failed signature validation.");
      }
    } catch (ParseException | JOSEException _) {
      throw refused(50027, "JWT token is invalid or malformed.");
    }
    if (!tokens.isNow(claims)) {
      throw refused(500133, "Assertion is not within its valid time range.");
    }
    boolean idToken = client.clientId().equals(first(claims)) && claims.getClaim("uti") == null;
    if (idToken) {
      throw refused(
          240002,
          "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.");
    }
    if (!Tokens.isFor(claims, client.blueprint().orElse(client.clientId()))) {
      throw refused(
          500131, "Assertion audience does not match the Client app presenting the assertion.");
    }
    if ("app".equals(claims.getClaim("idtyp"))) {
      throw refused(7000114, "Application is not allowed to make application on-behalf-of calls.");
    }
    if (claims.getClaim("scp") == null) {
      throw refused(
          240002,
          "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.");
    }
    return claims;
  }

  private static String first(JWTClaimsSet claims) {
    return claims.getAudience().isEmpty() ? "" : claims.getAudience().getFirst();
  }

  private static Refused refused(int aadsts, String text) {
    return EntraError.of("invalid_grant", aadsts, text).refused();
  }
}
