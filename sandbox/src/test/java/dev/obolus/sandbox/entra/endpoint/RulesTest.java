// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import static dev.obolus.sandbox.entra.endpoint.EntraFixture.aadsts;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.app;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.claims;
import static dev.obolus.sandbox.entra.endpoint.EntraFixture.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.rules.Rule;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Conditional Access, refusals and failures by script, and how they end. */
class RulesTest {
  private static final String GATEWAY_SCOPE = "offline_access api://obolus/access_as_user";

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

  @ParameterizedTest
  @CsvSource({
    "mfa, 50076, basic_action",
    "mfa-enrolment, 50079, basic_action",
    "device, 53000, additional_action",
    "location, 53003, message_only",
    "risk, 53004, additional_action",
    "terms, 50158, basic_action"
  })
  void aStepUpSignInMakesTheSameCallSucceed(String control, int aadsts, String suberror)
      throws Exception {
    Rule rule = rule("user", "alice", "resource", "databricks", "then", control);
    String weak = signedIn(Map.of());
    JsonNode refused = entra.token(entra.exchange(weak));
    assertThat(refused.path("error").asString()).isEqualTo("interaction_required");
    assertThat(aadsts(refused)).isEqualTo(aadsts);
    assertThat(refused.path("suberror").asString()).isEqualTo(suberror);
    assertThat(refused.path("claims").asString()).contains("capolids", rule.id());
    String strong = signedIn(Map.of("claims", refused.path("claims").asString()));
    assertThat(claims(entra.token(entra.exchange(strong))).getAudience())
        .containsExactly(Directory.DATABRICKS);
    assertThat(aadsts(entra.token(entra.exchange(weak)))).isEqualTo(aadsts);
  }

  @Test
  void aRefusalLooksLikeEntras() throws Exception {
    var _ = rule("then", "mfa");
    HttpResponse<String> answer =
        entra.post(Directory.TENANT, "/oauth2/v2.0/token", entra.exchange(token("alice")));
    JsonNode body = EntraFixture.JSON.readTree(answer.body());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(body.path("error_description").asString())
        .startsWith("AADSTS50076: ")
        .contains("Trace ID: ", "Correlation ID: ", "Timestamp: ");
    assertThat(body.path("timestamp").asString())
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ");
    assertThat(body.path("correlation_id").asString())
        .isEqualTo("c0ffee00-0000-4000-8000-000000000001");
    assertThat(answer.headers().firstValue("client-request-id"))
        .contains("c0ffee00-0000-4000-8000-000000000001");
    assertThat(answer.headers().firstValue("x-ms-request-id"))
        .contains(body.path("trace_id").asString());
  }

  @Test
  void aRuleHoldsForWhatItNamesOnly() throws Exception {
    var _ = rule("user", "alice", "resource", "databricks", "call", "obo", "then", "block");
    assertThat(aadsts(entra.token(entra.exchange(token("alice"))))).isEqualTo(53003);
    assertThat(claims(entra.token(entra.exchange(token("bob"))))).isNotNull();
    assertThat(signedIn(Map.of())).isNotEmpty();
  }

  @Test
  void aBlockHasNoWayThrough() throws Exception {
    Rule step = rule("resource", "databricks", "then", "mfa");
    String strong = signedIn(Map.of("claims", challenge(step)));
    assertThat(claims(entra.token(entra.exchange(strong)))).isNotNull();
    var _ = rule("resource", "databricks", "then", "block");
    JsonNode refused = entra.token(entra.exchange(strong));
    assertThat(aadsts(refused)).isEqualTo(53003);
    assertThat(refused.has("claims")).isFalse();
  }

  @Test
  void signingInMeetsWhatTheApiItselfWantsAndABlockShowsOnThePage() throws Exception {
    var _ = rule("resource", "gateway", "then", "mfa");
    assertThat(signedIn(Map.of())).isNotEmpty();
    entra.reset();
    var _ = rule("resource", "gateway", "then", "block");
    assertThatThrownBy(() -> signedIn(Map.of()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("AADSTS53003");
  }

  @Test
  void aSignInGrowsTooOld() throws Exception {
    var _ = rule("resource", "databricks", "then", "frequency", "minutes", "30");
    String token = signedIn(Map.of());
    assertThat(claims(entra.token(entra.exchange(token)))).isNotNull();
    entra.later(Duration.ofMinutes(31));
    assertThat(aadsts(entra.token(entra.exchange(token)))).isEqualTo(70043);
    assertThat(claims(entra.token(entra.exchange(signedIn(Map.of()))))).isNotNull();
  }

  @Test
  void aRefreshKeepsTheStrengthOfItsSignInAndGainsNone() throws Exception {
    Rule rule = rule("resource", "gateway", "call", "refresh", "then", "mfa");
    JsonNode weak = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of());
    assertThat(refresh(weak, "").path("error").asString()).isEqualTo("invalid_grant");
    JsonNode strong =
        entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of("claims", challenge(rule)));
    assertThat(claims(refresh(strong, ""))).isNotNull();
    Rule other = rule("resource", "databricks", "then", "device");
    assertThat(refresh(strong, challenge(other)).path("error").asString())
        .isEqualTo("interaction_required");
  }

  @Test
  void contextsAndCapabilitiesThatAClientAskedForAreInItsToken() throws Exception {
    String wanted =
        "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}";
    Map<String, String> more = Map.of("claims", wanted);
    JsonNode signedIn = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, more);
    assertThat(claims(signedIn).getStringListClaim("acrs")).containsExactly("c1");
    JsonNode refreshed =
        refresh(signedIn, "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}");
    assertThat(claims(refreshed).getStringListClaim("xms_cc")).containsExactly("cp1");
    Map<String, String> exchange = entra.exchange(token("alice"));
    exchange.put("claims", wanted);
    JsonNode refused = entra.token(exchange);
    assertThat(refused.path("claims").asString()).contains("acrs", "c1");
    exchange.put("assertion", signedIn.path("access_token").asString());
    assertThat(claims(entra.token(exchange)).getStringListClaim("acrs")).containsExactly("c1");
  }

  @Test
  void consentIsGivenAndTakenAway() throws Exception {
    Standing standing = entra.entra().standing();
    standing.consent(home(), app("gateway"), app("databricks"), false);
    JsonNode refused = entra.token(entra.exchange(token("alice")));
    assertThat(aadsts(refused)).isEqualTo(65001);
    assertThat(refused.path("suberror").asString()).isEqualTo("consent_required");
    Map<String, String> asked =
        Map.of("client_id", Directory.GATEWAY, "scope", Directory.DATABRICKS + "/.default");
    assertThat(
            entra
                .get("/" + Directory.TENANT + "/v2.0/adminconsent?" + EntraFixture.form(asked))
                .body())
        .contains("gateway asks to use databricks");
    assertThat(entra.post(Directory.TENANT, "/v2.0/adminconsent", asked).statusCode())
        .isEqualTo(200);
    assertThat(claims(entra.token(entra.exchange(token("alice"))))).isNotNull();
  }

  @Test
  void theAddressWithoutAScopeGrantsWhatTheApplicationIsRegisteredFor() throws Exception {
    for (String api : List.of("databricks", "graph")) {
      entra.entra().standing().consent(home(), app("gateway"), app(api), false);
    }
    Map<String, String> asked = Map.of("client_id", Directory.GATEWAY);
    assertThat(
            entra.get("/" + Directory.TENANT + "/adminconsent?" + EntraFixture.form(asked)).body())
        .containsPattern("gateway asks to use .*databricks.*graph.* for everybody");
    assertThat(entra.post(Directory.TENANT, "/adminconsent", asked).statusCode()).isEqualTo(200);
    assertThat(claims(entra.token(entra.exchange(token("alice"))))).isNotNull();
  }

  @Test
  void whoConsentsWhileSigningInIsAskedNoMore() throws Exception {
    entra.entra().standing().consent(home(), app("cli"), app("gateway"), false);
    assertThat(aadsts(entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of())))
        .isEqualTo(65001);
    Map<String, String> consenting = Map.of("prompt", "consent");
    assertThat(claims(entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, consenting)))
        .isNotNull();
  }

  @Test
  void aRevokedUsersOldSignInsCountNoMore() throws Exception {
    JsonNode before = entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of());
    entra.entra().standing().revoke(user("alice"), java.time.Instant.now());
    String token = before.path("access_token").asString();
    JsonNode refused = entra.token(entra.exchange(token));
    assertThat(aadsts(refused)).isEqualTo(50173);
    assertThat(refused.path("error").asString()).isEqualTo("invalid_grant");
    assertThat(aadsts(refresh(before, ""))).isEqualTo(50173);
    entra.later(Duration.ofSeconds(2));
    assertThat(claims(entra.token(entra.exchange(signedIn(Map.of()))))).isNotNull();
  }

  @Test
  void aDisabledOrDeletedUserGetsNothing() throws Exception {
    String token = token("alice");
    entra.entra().standing().account(user("alice"), Standing.Account.DISABLED);
    assertThat(aadsts(entra.token(entra.exchange(token)))).isEqualTo(50057);
    entra.entra().standing().account(user("alice"), Standing.Account.DELETED);
    assertThat(aadsts(entra.token(entra.exchange(token)))).isEqualTo(50034);
  }

  @Test
  void aMemberOfVeryManyGroupsGetsAnAddressInstead() throws Exception {
    entra.entra().standing().manyGroups(user("alice"), true);
    JWTClaimsSet claims = claims(entra.signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, Map.of()));
    assertThat(claims.getClaims()).doesNotContainKey("groups");
    assertThat(claims.getJSONObjectClaim("_claim_names")).containsEntry("groups", "src1");
    assertThat(claims.getJSONObjectClaim("_claim_sources").toString())
        .contains("https://graph.windows.net/", "getMemberObjects");
  }

  @Test
  void anyNumberIsAnsweredOnRequestToo() throws Exception {
    var _ =
        rule(
            "credential",
            "secret",
            "client",
            "gateway",
            "then",
            "refuse",
            "aadsts",
            "7000222",
            "error",
            "invalid_client",
            "text",
            "The provided client secret keys are expired.");
    HttpResponse<String> answer =
        entra.post(Directory.TENANT, "/oauth2/v2.0/token", entra.exchange(token("alice")));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(aadsts(EntraFixture.JSON.readTree(answer.body()))).isEqualTo(7000222);
  }

  @Test
  void throttlingSaysWhenToComeBackAndEndsAfterItsTimes() throws Exception {
    Rule rule = rule("call", "obo", "then", "throttle", "seconds", "7", "times", "1");
    HttpResponse<String> first =
        entra.post(Directory.TENANT, "/oauth2/v2.0/token", entra.exchange(token("alice")));
    assertThat(first.statusCode()).isEqualTo(429);
    assertThat(first.headers().firstValue("Retry-After")).contains("7");
    assertThat(claims(entra.token(entra.exchange(token("alice"))))).isNotNull();
    assertThat(entra.entra().rules().fired(rule.id())).isEqualTo(1);
  }

  @Test
  void outagesHaveNoShapeToRelyOn() throws Exception {
    Rule down = rule("then", "unavailable");
    HttpResponse<String> unavailable =
        entra.post(Directory.TENANT, "/oauth2/v2.0/token", entra.exchange(token("alice")));
    assertThat(unavailable.statusCode()).isEqualTo(503);
    assertThat(entra.get("/" + Directory.TENANT + "/discovery/v2.0/keys").statusCode())
        .isEqualTo(503);
    assertThat(entra.seen())
        .extracting(seen -> seen.call().kind() + " " + seen.status())
        .containsExactly("obo 503", "keys 503");
    assertThat(entra.entra().rules().remove(down.id())).isTrue();
    var _ = rule("call", "obo", "then", "html", "status", "500");
    HttpResponse<String> page =
        entra.post(Directory.TENANT, "/oauth2/v2.0/token", entra.exchange(token("alice")));
    assertThat(page.statusCode()).isEqualTo(500);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html");
  }

  @Test
  void silenceAndDripsEndWithoutAnAnswer() throws Exception {
    for (String kind : List.of("hang", "drip")) {
      entra.reset();
      var _ = rule("call", "obo", "then", kind, "seconds", "1");
      Map<String, String> asked = entra.exchange(token("alice"));
      assertThatThrownBy(() -> entra.post(Directory.TENANT, "/oauth2/v2.0/token", asked))
          .as(kind)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRuleThatCannotBeReadSaysWhy() {
    assertThatThrownBy(() -> rule("then", "nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("then is one of mfa, ");
    assertThatThrownBy(() -> rule("user", "nobody", "then", "mfa"))
        .hasMessage("there is no user called nobody");
    assertThatThrownBy(() -> rule("then", "refuse")).hasMessageContaining("aadsts");
  }

  @Test
  void everyCallOfTheTokenEndpointIsSeenAndHowItEnded() throws Exception {
    var _ = rule("user", "alice", "then", "mfa");
    JsonNode _ = entra.token(entra.exchange(token("alice")));
    JsonNode _ = entra.token(entra.exchange(token("bob")));
    assertThat(entra.seen())
        .extracting(seen -> seen.call().user() + " " + seen.aadsts() + " " + seen.person())
        .containsExactly("alice 50076 -", "bob 0 " + user("bob").objectId());
    assertThat(entra.seen().getFirst().correlationId())
        .isEqualTo("c0ffee00-0000-4000-8000-000000000001");
    assertThat(entra.seen().getLast().call().credential()).isEqualTo("secret");
  }

  private static Rule rule(String... fields) {
    Map<String, String> read = new HashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      read.put(fields[i], fields[i + 1]);
    }
    return entra.entra().rules().add(read);
  }

  private static String challenge(Rule rule) {
    return "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\""
        + rule.id()
        + "\"]}}}";
  }

  private static String token(String user) {
    return entra.userToken(user, "finance-copilot");
  }

  private static String signedIn(Map<String, String> more) throws Exception {
    return entra
        .signIn(Directory.TENANT, "alice", GATEWAY_SCOPE, more)
        .path("access_token")
        .asString();
  }

  private static JsonNode refresh(JsonNode signedIn, String claims) throws Exception {
    return entra.token(
        Map.of(
            "grant_type",
            "refresh_token",
            "client_id",
            Directory.CLI,
            "refresh_token",
            signedIn.path("refresh_token").asString(),
            "scope",
            GATEWAY_SCOPE,
            "claims",
            claims));
  }

  private static Directory.Tenant home() {
    return Directory.tenant("home").orElseThrow();
  }
}
