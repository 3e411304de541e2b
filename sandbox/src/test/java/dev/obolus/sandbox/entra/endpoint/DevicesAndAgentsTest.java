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
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Sign-ins without a browser, and callers without a person of their own. */
class DevicesAndAgentsTest {
  private static final String ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  private static final String EXCHANGE = "api://AzureADTokenExchange/.default";

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
  void aDeviceWaitsUntilItsPersonHasSignedInElsewhere() throws Exception {
    JsonNode device = deviceCode();
    assertThat(device.path("verification_uri").asString())
        .endsWith("/" + Directory.TENANT + "/oauth2/v2.0/deviceauth");
    assertThat(poll(device).path("error").asString()).isEqualTo("authorization_pending");
    assertThat(
            entra
                .get(
                    "/"
                        + Directory.TENANT
                        + "/oauth2/v2.0/deviceauth?user_code="
                        + device.path("user_code").asString())
                .body())
        .contains(device.path("user_code").asString(), "Alice Marlow")
        .doesNotContain("<script");
    assertThat(answer(device, Map.of("user", "alice")).statusCode()).isEqualTo(200);
    assertThat(claims(poll(device)).getStringClaim("oid")).isEqualTo(user("alice").objectId());
    assertThat(poll(device).path("error").asString()).isEqualTo("expired_token");
  }

  @Test
  void aDeclinedOrForgottenDeviceGetsNothing() throws Exception {
    JsonNode declined = deviceCode();
    assertThat(answer(declined, Map.of("decline", "yes")).statusCode()).isEqualTo(200);
    assertThat(poll(declined).path("error").asString()).isEqualTo("authorization_declined");
    JsonNode forgotten = deviceCode();
    entra.later(Duration.ofMinutes(16));
    assertThat(poll(forgotten).path("error").asString()).isEqualTo("expired_token");
  }

  @Test
  void aCodeThatNobodyWasGivenOpensNothing() throws Exception {
    HttpResponse<String> answer =
        entra.post(
            Directory.TENANT,
            "/oauth2/v2.0/deviceauth",
            Map.of("user_code", "GUESSED23", "user", "alice"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("AADSTS70018");
  }

  @Test
  void anAgentIdentityActsForAPersonInTwoSteps() throws Exception {
    JsonNode first = blueprintToken(Directory.TRAVEL_AGENT);
    JWTClaimsSet shown = claims(first);
    assertThat(shown.getSubject()).endsWith("/" + Directory.TRAVEL_AGENT);
    Map<String, String> second = agentExchange(first.path("access_token").asString());
    JWTClaimsSet token = claims(entra.token(second));
    assertThat(token.getAudience()).containsExactly(Directory.GATEWAY);
    assertThat(token.getStringClaim("oid")).isEqualTo(user("alice").objectId());
    assertThat(token.getStringClaim("azp")).isEqualTo(Directory.TRAVEL_AGENT);
    assertThat(token.getStringClaim("xms_act_fct")).isEqualTo("11");
    assertThat(token.getStringClaim("xms_par_app_azp")).isEqualTo(Directory.TRAVEL_BLUEPRINT);
    assertThat(token.getClaims()).doesNotContainKey("xms_sub_fct");
  }

  @Test
  void anAgentIdentityOnItsOwnIsNoPerson() throws Exception {
    Map<String, String> asked = new HashMap<>();
    asked.put("grant_type", "client_credentials");
    asked.put("client_id", Directory.TRAVEL_AGENT);
    asked.put("scope", "api://obolus/.default");
    asked.put("client_assertion_type", ASSERTION);
    asked.put(
        "client_assertion", blueprintToken(Directory.TRAVEL_AGENT).path("access_token").asString());
    JWTClaimsSet token = claims(entra.token(asked));
    assertThat(token.getStringClaim("idtyp")).isEqualTo("app");
    assertThat(token.getStringClaim("xms_sub_fct")).isEqualTo("11");
    JWTClaimsSet account =
        SignedJWT.parse(entra.userToken("travel-agent-user", "travel-agent")).getJWTClaimsSet();
    assertThat(account.getStringClaim("xms_sub_fct")).isEqualTo("13");
    assertThat(account.getStringClaim("idtyp")).isEqualTo("user");
  }

  @Test
  void whatTheTwoStepsWillNotTake() throws Exception {
    assertThat(aadsts(blueprintToken(Directory.FINANCE_COPILOT))).isEqualTo(700211);
    String shown = blueprintToken(Directory.TRAVEL_AGENT).path("access_token").asString();
    Map<String, String> wrongAudience = agentExchange(shown);
    wrongAudience.put("assertion", entra.userToken("alice", "cli"));
    assertThat(aadsts(entra.token(wrongAudience))).isEqualTo(500131);
    Map<String, String> rfc8693 = agentExchange(shown);
    rfc8693.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    assertThat(aadsts(entra.token(rfc8693))).isEqualTo(82001);
    Map<String, String> unproven = agentExchange(entra.userToken("alice", "cli"));
    assertThat(aadsts(entra.token(unproven))).isEqualTo(700027);
    String unnamed =
        entra
            .token(entra.clientCredentials("travel-blueprint", EXCHANGE))
            .path("access_token")
            .asString();
    assertThat(aadsts(entra.token(agentExchange(unnamed)))).isEqualTo(700213);
    Map<String, String> otherAgent = agentExchange(shown);
    otherAgent.put("client_id", Directory.FINANCE_COPILOT);
    assertThat(aadsts(entra.token(otherAgent))).isEqualTo(700027);
  }

  @Test
  void aManagedIdentitysTokenIsTheGatewaysProof() throws Exception {
    Map<String, String> asked = entra.exchange(entra.userToken("alice", "finance-copilot"));
    asked.remove("client_secret");
    asked.put("client_assertion_type", ASSERTION);
    asked.put(
        "client_assertion",
        entra.entra().tokens().forApp(app("gateway-identity"), app("token-exchange")));
    JWTClaimsSet token = claims(entra.token(asked));
    assertThat(token.getStringClaim("azpacr")).isEqualTo("2");
    asked.put(
        "client_assertion",
        entra.entra().tokens().forApp(app("nightly-job"), app("token-exchange")));
    assertThat(aadsts(entra.token(asked))).isEqualTo(700213);
  }

  private static JsonNode deviceCode() throws Exception {
    HttpResponse<String> answer =
        entra.post(
            Directory.TENANT,
            "/oauth2/v2.0/devicecode",
            Map.of("client_id", Directory.CLI, "scope", "api://obolus/access_as_user"));
    return EntraFixture.JSON.readTree(answer.body());
  }

  private static HttpResponse<String> answer(JsonNode device, Map<String, String> how)
      throws Exception {
    Map<String, String> form = new HashMap<>(how);
    form.put("user_code", device.path("user_code").asString());
    return entra.post(Directory.TENANT, "/oauth2/v2.0/deviceauth", form);
  }

  private static JsonNode poll(JsonNode device) throws Exception {
    return entra.token(
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:device_code",
            "client_id",
            Directory.CLI,
            "device_code",
            device.path("device_code").asString()));
  }

  private static JsonNode blueprintToken(String agent) throws Exception {
    Map<String, String> asked = entra.clientCredentials("travel-blueprint", EXCHANGE);
    asked.put("fmi_path", agent);
    return entra.token(asked);
  }

  private static Map<String, String> agentExchange(String shown) {
    Map<String, String> asked = new HashMap<>();
    asked.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    asked.put("client_id", Directory.TRAVEL_AGENT);
    asked.put("client_assertion_type", ASSERTION);
    asked.put("client_assertion", shown);
    asked.put(
        "assertion",
        entra.entra().tokens().forUser(user("alice"), app("cli"), app("travel-blueprint")));
    asked.put("scope", "api://obolus/access_as_user");
    asked.put("requested_token_use", "on_behalf_of");
    return asked;
  }
}
