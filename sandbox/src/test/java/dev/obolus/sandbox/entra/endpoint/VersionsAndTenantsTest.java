// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import static dev.obolus.sandbox.entra.endpoint.EntraFixture.aadsts;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.app;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.claims;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.Directory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Versions of tokens, tenants and guests, keys, and what comes beside an access token. */
class VersionsAndTenantsTest {
  private static final String HOME = "/" + Directory.TENANT;
  private static final String GATEWAY_SCOPE = "api://obolus/access_as_user";

  @TempDir static Path data;
  private static EntraFixture entra;

  @BeforeAll
  static void start() throws Exception {
    entra = EntraFixture.in(data);
  }

  @AfterAll
  static void stop() {
    entra.close();
  }

  @AfterEach
  void reset() {
    entra.reset();
  }

  @Test
  void theRegistrationChoosesTheVersionOfItsTokens() throws Exception {
    entra.entra().standing().tokenVersion(app("gateway"), 1);
    JsonNode answer = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of());
    SignedJWT token = SignedJWT.parse(answer.path("access_token").asString());
    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("https://entra.obolus.test" + HOME + "/");
    assertThat(claims.getAudience()).containsExactly("api://obolus");
    assertThat(claims.getStringClaim("ver")).isEqualTo("1.0");
    assertThat(claims.getStringClaim("appid")).isEqualTo(Directory.CLI);
    assertThat(claims.getStringClaim("appidacr")).isEqualTo("0");
    assertThat(claims.getStringClaim("upn")).isEqualTo("alice@contoso.example");
    assertThat(claims.getClaims()).doesNotContainKeys("azp", "preferred_username");
    assertThat(token.getHeader().toJSONObject()).containsEntry("x5t", token.getHeader().getKeyID());
    entra.entra().standing().tokenVersion(app("gateway"), 2);
    JWTClaimsSet second = claims(entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of()));
    assertThat(second.getAudience()).containsExactly(Directory.GATEWAY);
    assertThat(second.getStringClaim("ver")).isEqualTo("2.0");
  }

  @Test
  void eachVersionHasMetadataOfItsOwn() throws Exception {
    JsonNode first = entra.json(HOME + "/.well-known/openid-configuration");
    JsonNode second = entra.json(HOME + "/v2.0/.well-known/openid-configuration");
    assertThat(first.path("issuer").asString()).isEqualTo("https://entra.obolus.test" + HOME + "/");
    assertThat(first.path("jwks_uri").asString()).endsWith(HOME + "/discovery/keys");
    assertThat(second.path("issuer").asString()).endsWith(HOME + "/v2.0");
    assertThat(
            entra.json("/common/v2.0/.well-known/openid-configuration").path("issuer").asString())
        .isEqualTo("https://entra.obolus.test/{tenantid}/v2.0");
    assertThat(entra.json(HOME + "/discovery/keys").path("keys").size()).isEqualTo(1);
  }

  @Test
  void versionOneTokensAreExchangedToo() throws Exception {
    entra.entra().standing().tokenVersion(app("gateway"), 1);
    JsonNode signedIn = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of());
    String token = signedIn.path("access_token").asString();
    assertThat(claims(entra.token(entra.exchange(token))).getStringClaim("oid"))
        .isEqualTo(user("alice").objectId());
  }

  @Test
  void theConsumersKeyIsPublishedForItsOwnTenantAndSignsForNoOther() throws Exception {
    JsonNode keys = entra.json(HOME + "/discovery/v2.0/keys").path("keys");
    assertThat(keys.size()).isEqualTo(2);
    assertThat(keys.path(1).path("issuer").asString())
        .isEqualTo("https://entra.obolus.test/" + Directory.CONSUMERS + "/v2.0");
    JWTClaimsSet good =
        SignedJWT.parse(entra.userToken("alice", "finance-copilot")).getJWTClaimsSet();
    String forged = entra.entra().forgeries(good).consumersKey();
    assertThat(SignedJWT.parse(forged).getHeader().getKeyID())
        .isEqualTo(keys.path(1).path("kid").asString());
    assertThat(aadsts(entra.token(entra.exchange(forged)))).isEqualTo(50013);
    assertThat(aadsts(entra.token(entra.exchange(entra.entra().forgeries(good).consumersTenant()))))
        .isEqualTo(50013);
  }

  @Test
  void afterARotationTheOldKeyCountsOnlyWhileItIsKept() throws Exception {
    String old = entra.userToken("alice", "finance-copilot");
    entra.entra().keys().rotate(true);
    assertThat(entra.json(HOME + "/discovery/v2.0/keys").path("keys").size()).isEqualTo(3);
    String young = entra.userToken("alice", "finance-copilot");
    assertThat(SignedJWT.parse(young).getHeader().getKeyID())
        .isNotEqualTo(SignedJWT.parse(old).getHeader().getKeyID());
    assertThat(entra.token(entra.exchange(old)).path("access_token").isMissingNode()).isFalse();
    entra.entra().keys().rotate(false);
    assertThat(entra.json(HOME + "/discovery/v2.0/keys").path("keys").size()).isEqualTo(2);
    assertThat(aadsts(entra.token(entra.exchange(old)))).isEqualTo(50013);
  }

  @Test
  void aGuestIsAUserOfTheTenantThatInvitedHim() throws Exception {
    JWTClaimsSet guest =
        claims(entra.signIn(Directory.TENANT, "gina-guest", GATEWAY_SCOPE, Map.of()));
    assertThat(guest.getStringClaim("tid")).isEqualTo(Directory.TENANT);
    assertThat(guest.getStringClaim("idp"))
        .isEqualTo("https://entra.obolus.test/" + Directory.PARTNER + "/");
    assertThat(guest.getClaim("acct")).isEqualTo(1L);
    JWTClaimsSet member = claims(entra.signIn(Directory.PARTNER, "gina", GATEWAY_SCOPE, Map.of()));
    assertThat(member.getStringClaim("tid")).isEqualTo(Directory.PARTNER);
    assertThat(member.getStringClaim("oid")).isNotEqualTo(guest.getStringClaim("oid"));
    assertThat(member.getClaims()).doesNotContainKey("idp");
  }

  @Test
  void underCommonAGuestsExchangeEndsInHisOwnTenant() throws Exception {
    String token = entra.userToken("gina-guest", "finance-copilot");
    assertThat(claims(entra.token(entra.exchange(token))).getStringClaim("tid"))
        .isEqualTo(Directory.TENANT);
    assertThat(claims(entra.token("common", entra.exchange(token))).getStringClaim("tid"))
        .isEqualTo(Directory.PARTNER);
  }

  @Test
  void anExchangeInAnotherTenantThanTheUsersIsRefused() throws Exception {
    String token = entra.userToken("alice", "finance-copilot");
    assertThat(aadsts(entra.token(Directory.PARTNER, entra.exchange(token)))).isEqualTo(50020);
  }

  @Test
  void aTenantThatDidNotInstallTheGatewayKnowsItNot() throws Exception {
    String token = entra.userToken("frank", "finance-copilot");
    assertThat(aadsts(entra.token(Directory.FOREIGN, entra.exchange(token)))).isEqualTo(700016);
  }

  @Test
  void clientInfoIdTokenAndRefreshTokenComeWhereTheyAreAskedFor() throws Exception {
    JsonNode bare = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of());
    assertThat(bare.has("id_token")).isFalse();
    assertThat(bare.has("refresh_token")).isFalse();
    JsonNode full =
        entra.signIn(
            Directory.TENANT,
            "gina-guest",
            "openid profile offline_access " + GATEWAY_SCOPE,
            Map.of());
    String info =
        new String(
            Base64.getUrlDecoder().decode(full.path("client_info").asString()),
            StandardCharsets.UTF_8);
    assertThat(info).contains(user("gina").objectId(), Directory.PARTNER);
    assertThat(SignedJWT.parse(full.path("id_token").asString()).getJWTClaimsSet().getAudience())
        .containsExactly(Directory.CLI);
    Map<String, String> exchange = entra.exchange(entra.userToken("alice", "finance-copilot"));
    assertThat(entra.token(exchange).has("client_info")).isFalse();
    exchange.put("client_info", "1");
    exchange.merge("scope", " openid offline_access", String::concat);
    JsonNode answer = entra.token(exchange);
    assertThat(answer.has("client_info") && answer.has("id_token") && answer.has("refresh_token"))
        .isTrue();
  }

  @Test
  void aRefreshTokenServesItsClientOnlyAndNeedsAScope() throws Exception {
    String refresh =
        entra
            .signIn(Directory.TENANT, "alice", "offline_access " + GATEWAY_SCOPE, Map.of())
            .path("refresh_token")
            .asString();
    Map<String, String> asked =
        Map.of(
            "grant_type",
            "refresh_token",
            "client_id",
            Directory.CLI,
            "refresh_token",
            refresh,
            "scope",
            GATEWAY_SCOPE);
    assertThat(claims(entra.token(asked)).getStringClaim("oid"))
        .isEqualTo(user("alice").objectId());
    Map<String, String> without = new java.util.HashMap<>(asked);
    without.remove("scope");
    assertThat(aadsts(entra.token(without))).isEqualTo(90009);
    Map<String, String> other = new java.util.HashMap<>(asked);
    other.put("client_id", Directory.FINANCE_COPILOT);
    other.put("client_secret", entra.secret("finance-copilot"));
    assertThat(aadsts(entra.token(other))).isEqualTo(70008);
  }

  @Test
  void anApplicationAsksInATenantAndNotUnderCommon() throws Exception {
    Map<String, String> asked = entra.clientCredentials("nightly-job", "api://obolus/.default");
    assertThat(claims(entra.token(asked)).getStringClaim("idtyp")).isEqualTo("app");
    assertThat(aadsts(entra.token("common", asked))).isEqualTo(9001023);
  }
}
