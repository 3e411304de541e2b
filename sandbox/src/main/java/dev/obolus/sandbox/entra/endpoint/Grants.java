// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Delegation;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Directory.Tenant;
import dev.obolus.sandbox.entra.Directory.User;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.SignIn;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.Tokens;
import dev.obolus.sandbox.entra.endpoint.ClientProof.Proven;
import dev.obolus.sandbox.entra.endpoint.SignIns.SignedIn;
import java.time.Clock;
import tools.jackson.databind.node.ObjectNode;

/**
 * The token endpoint's grants. Each: who asks, for whom, for what, may they, do the rules agree.
 */
final class Grants {
  private final Tokens tokens;
  private final Standing standing;
  private final ClientProof proof;
  private final SignIns signIns;
  private final Assertions assertions;
  private final Gate gate;
  private final Answers answers;
  private final Clock clock;

  Grants(
      Tokens tokens,
      Standing standing,
      ClientProof proof,
      SignIns signIns,
      Assertions assertions,
      Gate gate,
      Clock clock) {
    this.tokens = tokens;
    this.standing = standing;
    this.proof = proof;
    this.signIns = signIns;
    this.assertions = assertions;
    this.gate = gate;
    this.answers = new Answers(tokens, signIns);
    this.clock = clock;
  }

  ObjectNode grant(Asked asked) throws Refused, Gate.Disturbed {
    return switch (asked.field("grant_type")) {
      case "authorization_code" -> code(asked);
      case "refresh_token" -> refresh(asked);
      case "urn:ietf:params:oauth:grant-type:device_code", "device_code" -> device(asked);
      case "client_credentials" -> clientCredentials(asked);
      case "urn:ietf:params:oauth:grant-type:jwt-bearer" -> onBehalfOf(asked);
      case "urn:ietf:params:oauth:grant-type:token-exchange" ->
          throw refused(
              "invalid_request",
              82001,
              "Agentic application is not permitted to request the token exchange grant.");
      default ->
          throw refused(
              "unsupported_grant_type",
              70003,
              "The app requested an unsupported grant type '" + asked.field("grant_type") + "'.");
    };
  }

  private ObjectNode code(Asked asked) throws Refused, Gate.Disturbed {
    Proven client = client(asked, false);
    SignIns.Code code =
        signIns
            .redeem(asked.field("code"))
            .orElseThrow(() ->
                refused(
                    "invalid_grant",
                    70008,
                    "The provided authorization code has expired or was redeemed."));
    if (!code.signedIn().client().equals(client.app())
        || !code.redirectUri().equals(asked.field("redirect_uri"))) {
      throw refused(
          "invalid_grant", 700005, "The code was issued to another client or redirect address.");
    }
    if (!code.challenge().equals(Pkce.challenge(asked.field("code_verifier")))) {
      throw refused(
          "invalid_grant",
          501481,
          "The Code_Verifier does not match the code_challenge supplied in the authorization request.");
    }
    return delegated(asked, client, code.signedIn(), Wanted.read(code.scope()), code.nonce());
  }

  private ObjectNode refresh(Asked asked) throws Refused, Gate.Disturbed {
    Proven client = client(asked, false);
    SignedIn signedIn =
        signIns
            .refreshed(asked.field("refresh_token"))
            .filter(one -> one.client().equals(client.app()))
            .orElseThrow(() ->
                EntraError.of(
                        "invalid_grant",
                        70008,
                        "The provided refresh token has expired or was issued to another client.")
                    .because("bad_token")
                    .refused());
    if (asked.field("scope").isBlank()) {
      throw refused(
          "invalid_request",
          90009,
          "Application is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.");
    }
    return delegated(asked, client, signedIn, Wanted.read(asked.field("scope")), "");
  }

  private ObjectNode device(Asked asked) throws Refused, Gate.Disturbed {
    Proven client = client(asked, false);
    SignIns.Device device =
        signIns
            .device(asked.field("device_code"))
            .filter(one -> one.client().equals(client.app()))
            .orElseThrow(() ->
                refused("expired_token", 70020, "The device code is unknown or has expired."));
    return switch (device.state()) {
      case SignIns.Waiting _ ->
          throw refused(
              "authorization_pending",
              70016,
              "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
      case SignIns.Declined _ ->
          throw refused(
              "authorization_declined", 65004, "User declined to consent to access the app.");
      case SignIns.Done done -> {
        signIns.forget(asked.field("device_code"));
        yield delegated(asked, client, done.signedIn(), Wanted.read(device.scope()), "");
      }
    };
  }

  private ObjectNode clientCredentials(Asked asked) throws Refused, Gate.Disturbed {
    Tenant tenant =
        asked
            .tenant()
            .orElseThrow(() ->
                refused(
                    "invalid_request",
                    9001023,
                    "The grant type is not supported over the /common or /consumers endpoints. Please use a tenant-specific endpoint."));
    Proven client = client(asked, true);
    Wanted wanted = Wanted.read(asked.field("scope"));
    if (!wanted.names().equals(java.util.Set.of(".default"))) {
      throw refused(
          "invalid_scope",
          1002012,
          "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.");
    }
    requireMay(tenant, client.app(), wanted, asked);
    asked.asApplication(client.app());
    gate.pass(asked.call(), SignIn.plain(clock.instant()));
    String agentPath = asked.field("fmi_path");
    String token =
        agentPath.isEmpty()
            ? tokens.forApp(
                tenant.id(), client.app(), wanted.resource(), wanted.asked(), client.level())
            : forAgent(tenant, client, wanted, agentPath);
    return answers.application(token, wanted);
  }

  private String forAgent(Tenant tenant, Proven blueprint, Wanted wanted, String agentId)
      throws Refused {
    App agent =
        Directory.app(agentId)
            .filter(app -> app.clientId().equals(agentId) && app.isIn(tenant))
            .filter(app -> app.blueprint().filter(blueprint.app().clientId()::equals).isPresent())
            .orElseThrow(() ->
                refused(
                    "invalid_request",
                    700211,
                    "No matching federated identity record found for this agent identity."));
    if (!wanted.resource().clientId().equals(Directory.TOKEN_EXCHANGE)) {
      throw refused(
          "invalid_scope", 70011, "fmi_path is for api://AzureADTokenExchange/.default only.");
    }
    return tokens.forAgent(tenant.id(), blueprint.app(), agent, blueprint.level());
  }

  private ObjectNode onBehalfOf(Asked asked) throws Refused, Gate.Disturbed {
    if (!asked.field("requested_token_use").equals("on_behalf_of")) {
      throw refused(
          "invalid_request",
          900144,
          "The request body must contain the parameter: 'requested_token_use'.");
    }
    Proven client = client(asked, true);
    Wanted wanted = Wanted.read(asked.field("scope"));
    JWTClaimsSet assertion = assertions.require(asked.field("assertion"), client.app());
    User user =
        Directory.user(String.valueOf(assertion.getClaim("oid")))
            .orElseThrow(() ->
                refused(
                    "invalid_grant", 50034, "The user account does not exist in the directory."));
    var signedIn = new SignedIn(user, client.app(), SignIn.behind(assertion));
    return delegated(asked, client, signedIn, wanted, "");
  }

  private ObjectNode delegated(
      Asked asked, Proven client, SignedIn signedIn, Wanted wanted, String nonce)
      throws Refused, Gate.Disturbed {
    User user = asked.inTenant(signedIn.user());
    requireGood(user, signedIn.signIn());
    requireMay(Directory.tenant(user.tenant()).orElseThrow(), client.app(), wanted, asked);
    ClaimsRequest claims = ClaimsRequest.read(asked.field("claims"));
    gate.pass(asked.call(), signedIn.signIn());
    gate.requireClaims(claims, signedIn.signIn());
    Delegation delegation =
        new Delegation(
            user,
            client.app(),
            wanted.resource(),
            wanted.asked(),
            client.level(),
            signedIn.signIn(),
            claims.capabilities());
    return answers.delegated(asked, delegation, wanted, nonce);
  }

  private void requireGood(User user, SignIn signIn) throws Refused {
    switch (standing.account(user)) {
      case ACTIVE -> {}
      case DISABLED -> throw refused("invalid_grant", 50057, "The user account is disabled.");
      case DELETED ->
          throw refused(
              "invalid_grant", 50034, "The user account does not exist in the directory.");
    }
    if (standing.isRevoked(user, signIn)) {
      throw EntraError.of(
              "invalid_grant",
              50173,
              "The provided grant has expired due to it being revoked, a fresh auth token is needed.")
          .because("bad_token")
          .refused();
    }
  }

  /** The application and the API are in this tenant, and somebody consented. */
  private void requireMay(Tenant tenant, App client, Wanted wanted, Asked asked) throws Refused {
    if (!client.isIn(tenant)) {
      throw unknownClient();
    }
    if (!wanted.resource().isIn(tenant)) {
      throw Wanted.unknown();
    }
    asked.to(wanted.resource());
    if (!wanted.names().isEmpty() && !standing.isConsented(tenant, client, wanted.resource())) {
      throw EntraError.of(
              "invalid_grant",
              65001,
              "The user or administrator has not consented to use the application with ID '"
                  + client.clientId()
                  + "'. Send an interactive authorization request for this user and resource.")
          .because("consent_required")
          .refused();
    }
  }

  private Proven client(Asked asked, boolean mustProve) throws Refused {
    App client = Directory.app(asked.field("client_id")).orElseThrow(Grants::unknownClient);
    boolean shows =
        asked.form().containsKey("client_secret") || asked.form().containsKey("client_assertion");
    Proven proven =
        client.confidential() || mustProve || shows
            ? proof.require(client, asked.form(), asked.segment())
            : new Proven(client, "none");
    asked.by(proven);
    return proven;
  }

  private static Refused unknownClient() {
    return refused(
        "unauthorized_client", 700016, "The application was not found in the directory.");
  }

  private static Refused refused(String error, int aadsts, String text) {
    return EntraError.of(error, aadsts, text).refused();
  }
}
