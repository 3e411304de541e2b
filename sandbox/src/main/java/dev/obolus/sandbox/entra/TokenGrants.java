// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.Directory.App;
import dev.obolus.sandbox.entra.Directory.User;
import dev.obolus.sandbox.entra.EntraError.Refused;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The token endpoint's three grants: authorization code, client credentials, on behalf of. */
final class TokenGrants {
  private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  private static final Set<String> SIGN_IN_SCOPES =
      Set.of("openid", "profile", "email", "offline_access");

  private final Tokens tokens;
  private final ClientProof proof;
  private final SignIns signIns;

  TokenGrants(Tokens tokens, ClientProof proof, SignIns signIns) {
    this.tokens = tokens;
    this.proof = proof;
    this.signIns = signIns;
  }

  ObjectNode grant(Map<String, String> form) throws Refused {
    String type = form.getOrDefault("grant_type", "");
    return switch (type) {
      case "authorization_code" -> code(form, client(form, false));
      case "client_credentials" -> clientCredentials(form, client(form, true));
      case JWT_BEARER -> onBehalfOf(form, client(form, true));
      default ->
          throw refused(
              "unsupported_grant_type",
              70003,
              "The app requested an unsupported grant type '" + type + "'.");
    };
  }

  private ObjectNode code(Map<String, String> form, App client) throws Refused {
    SignIns.Code code =
        signIns
            .redeem(form.getOrDefault("code", ""))
            .orElseThrow(() ->
                refused(
                    "invalid_grant",
                    70008,
                    "The provided authorization code has expired or was redeemed."));
    if (!code.client().equals(client) || !code.redirectUri().equals(form.get("redirect_uri"))) {
      throw refused(
          "invalid_grant", 700005, "The code was issued to another client or redirect address.");
    }
    if (!code.challenge().equals(Pkce.challenge(form.getOrDefault("code_verifier", "")))) {
      throw refused(
          "invalid_grant",
          501481,
          "The Code_Verifier does not match the code_challenge supplied in the authorization request.");
    }
    App resource = resource(client, code.scope());
    ObjectNode answer = answer(tokens.forUser(code.user(), client, resource), code.scope());
    answer.put("id_token", tokens.idToken(code.user(), client, code.nonce()));
    return answer;
  }

  private ObjectNode clientCredentials(Map<String, String> form, App client) throws Refused {
    String scope = form.getOrDefault("scope", "");
    if (!scope.endsWith("/.default")) {
      throw refused(
          "invalid_scope",
          1002012,
          "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.");
    }
    return answer(tokens.forApp(client, resource(client, scope)), scope);
  }

  private ObjectNode onBehalfOf(Map<String, String> form, App client) throws Refused {
    if (!"on_behalf_of".equals(form.get("requested_token_use"))) {
      throw refused(
          "invalid_request",
          900144,
          "The request body must contain the parameter: 'requested_token_use'.");
    }
    App resource = resource(client, form.getOrDefault("scope", ""));
    JWTClaimsSet assertion = assertion(form.getOrDefault("assertion", ""), client);
    User user =
        Directory.user(String.valueOf(assertion.getClaim("oid")))
            .orElseThrow(() ->
                refused(
                    "invalid_grant", 50034, "The user account does not exist in the directory."));
    return answer(tokens.forUser(user, client, resource), form.getOrDefault("scope", ""));
  }

  /** An access token for a person, issued here, for this very client, valid now. */
  private JWTClaimsSet assertion(String assertion, App client) throws Refused {
    JWTClaimsSet claims;
    try {
      SignedJWT jwt = SignedJWT.parse(assertion);
      claims = jwt.getJWTClaimsSet();
      if (!tokens.isSignedByUs(jwt) || !Tokens.ISSUER.equals(claims.getIssuer())) {
        throw refused("invalid_grant", 50013, "Assertion failed signature validation.");
      }
    } catch (ParseException | JOSEException _) {
      throw refused("invalid_grant", 50027, "JWT token is invalid or malformed.");
    }
    if (!tokens.isNow(claims)) {
      throw refused("invalid_grant", 500133, "Assertion is not within its valid time range.");
    }
    if (!claims.getAudience().equals(List.of(client.clientId()))) {
      throw refused(
          "invalid_grant",
          500131,
          "Assertion audience does not match the Client app presenting the assertion.");
    }
    if ("app".equals(claims.getClaim("idtyp"))) {
      throw refused(
          "invalid_grant",
          7000114,
          "Application is not allowed to make application on-behalf-of calls.");
    }
    if (claims.getClaim("scp") == null) {
      throw refused(
          "invalid_grant",
          240002,
          "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.");
    }
    return claims;
  }

  private App client(Map<String, String> form, boolean mustProve) throws Refused {
    App client =
        Directory.app(form.getOrDefault("client_id", ""))
            .orElseThrow(() ->
                refused(
                    "unauthorized_client",
                    700016,
                    "The application was not found in the directory."));
    boolean shows = form.containsKey("client_secret") || form.containsKey("client_assertion");
    if (client.confidential() || mustProve || shows) {
      proof.require(client, form);
    }
    return client;
  }

  /** The one resource that the scopes are for. */
  private static App resource(App client, String scope) throws Refused {
    Set<String> asked =
        Arrays.stream(scope.strip().split("\\s+", -1))
            .filter(part -> !part.isEmpty() && !SIGN_IN_SCOPES.contains(part))
            .collect(Collectors.toSet());
    Set<Optional<App>> resources =
        asked.stream().map(Directory::resourceOf).collect(Collectors.toSet());
    if (resources.size() > 1) {
      throw refused(
          "invalid_scope",
          28000,
          "Provided value for the input parameter scope is not valid because it contains more than"
              + " one resource.");
    }
    App resource =
        resources.stream()
            .findFirst()
            .flatMap(app -> app)
            .orElseThrow(() ->
                refused(
                    "invalid_resource",
                    500011,
                    "The resource principal was not found in the tenant."));
    if (!asked.stream().allMatch(resource::exposes)) {
      throw refused("invalid_scope", 70011, "The provided value for scope is not valid.");
    }
    if (!Directory.isConsented(client, resource)) {
      throw new Refused(
          EntraError.of(
                  "invalid_grant",
                  65001,
                  "The user or administrator has not consented to use the application.")
              .because("consent_required"));
    }
    return resource;
  }

  private static ObjectNode answer(String accessToken, String scope) {
    return JsonMapper.shared()
        .createObjectNode()
        .put("token_type", "Bearer")
        .put("scope", scope)
        .put("expires_in", Tokens.LIFE.toSeconds())
        .put("ext_expires_in", Tokens.LIFE.toSeconds())
        .put("access_token", accessToken)
        .put("client_info", clientInfo(accessToken));
  }

  private static String clientInfo(String accessToken) {
    String json =
        "{\"uid\":\"" + Tokens.personIn(accessToken) + "\",\"utid\":\"" + Directory.TENANT + "\"}";
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.US_ASCII));
  }

  private static Refused refused(String error, int aadsts, String text) {
    return new Refused(EntraError.of(error, aadsts, text));
  }
}
