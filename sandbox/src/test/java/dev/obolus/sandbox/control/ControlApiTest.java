// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The sandbox's own door: what scripts the stand-in Entra, over JSON and by the page's forms. */
class ControlApiTest {
  private static final String MEMBERS = "/v1.0/me/getMemberObjects";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path data;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @AfterEach
  void reset() throws Exception {
    assertThat(command("reset", Map.of()).statusCode()).isEqualTo(200);
  }

  @Test
  void aRuleIsAddedSeenAndRemoved() throws Exception {
    String rule =
        json(command("rule", Map.of("user", "alice", "resource", "databricks", "then", "mfa")))
            .path("rule")
            .asString();
    JsonNode refused = exchange(token(Map.of("who", "alice")));
    assertThat(refused.path("error_codes").path(0).asInt()).isEqualTo(50076);
    JsonNode listed = state().path("rules").path(0);
    assertThat(listed.path("rule").asString()).isEqualTo(rule);
    assertThat(listed.path("fired").asInt()).isEqualTo(1);
    assertThat(command("remove-rule", Map.of("rule", rule)).statusCode()).isEqualTo(200);
    assertThat(exchange(token(Map.of("who", "alice"))).has("access_token")).isTrue();
  }

  @Test
  void aTokenOfASteppedUpSignInIsIssuedForAChallenge() throws Exception {
    HttpResponse<String> _ = command("rule", Map.of("resource", "databricks", "then", "mfa"));
    String claims = exchange(token(Map.of("who", "alice"))).path("claims").asString();
    String strong = token(Map.of("who", "alice", "claims", claims));
    assertThat(exchange(strong).has("access_token")).isTrue();
  }

  @Test
  void usersAppsConsentAndKeysAreChanged() throws Exception {
    HttpResponse<String> _ = command("user", Map.of("user", "alice", "state", "disabled"));
    assertThat(aadsts("alice")).isEqualTo(50057);
    HttpResponse<String> _ = command("user", Map.of("user", "alice", "state", "active"));
    HttpResponse<String> _ =
        command("consent", Map.of("client", "gateway", "resource", "databricks", "given", "false"));
    assertThat(aadsts("alice")).isEqualTo(65001);
    HttpResponse<String> _ =
        command("consent", Map.of("client", "gateway", "resource", "databricks"));
    HttpResponse<String> _ =
        command("app", Map.of("app", "gateway", "token_version", "1", "token_seconds", "90"));
    JWTClaimsSet claims = claims(token(Map.of("who", "alice")));
    assertThat(claims.getStringClaim("ver")).isEqualTo("1.0");
    assertThat(claims.getExpirationTime().toInstant())
        .isEqualTo(claims.getIssueTime().toInstant().plusSeconds(90));
    String old = token(Map.of("who", "alice"));
    HttpResponse<String> _ = command("rotate-keys", Map.of("old", "removed"));
    assertThat(exchange(old).path("error_codes").path(0).asInt()).isEqualTo(50013);
    String before = token(Map.of("who", "alice"));
    HttpResponse<String> _ = command("revoke", Map.of("user", "alice"));
    assertThat(exchange(before).path("error_codes").path(0).asInt()).isEqualTo(50173);
  }

  @Test
  void tooManyGroupsAreAskedForByTheirMemberOnly() throws Exception {
    HttpResponse<String> _ = command("user", Map.of("user", "alice", "many_groups", "true"));
    assertThat(claims(token(Map.of("who", "alice"))).getClaims()).doesNotContainKey("groups");
    String graph =
        exchange(token(Map.of("who", "alice")), "https://graph.microsoft.com/.default")
            .path("access_token")
            .asString();
    List<String> ids = new ArrayList<>();
    JsonNode page = json(post(MEMBERS, graph));
    for (int i = 0; i < 2; i++) {
      assertThat(page.path("value").size()).isEqualTo(100);
      page.path("value").forEach(id -> ids.add(id.asString()));
      page = json(get(URI.create(page.path("@odata.nextLink").asString()), graph));
    }
    page.path("value").forEach(id -> ids.add(id.asString()));
    assertThat(page.has("@odata.nextLink")).isFalse();
    assertThat(ids).hasSize(251).doesNotHaveDuplicates();
    assertThat(ids.getFirst()).endsWith("0d1");
    assertThat(post(MEMBERS, token(Map.of("who", "alice"))).statusCode()).isEqualTo(401);
  }

  @Test
  void whatGraphIsAskedIsInTheJournalAndScriptedByRules() throws Exception {
    String graph =
        exchange(token(Map.of("who", "bob")), "https://graph.microsoft.com/.default")
            .path("access_token")
            .asString();
    assertThat(post(MEMBERS, graph).statusCode()).isEqualTo(200);
    assertThat(scripted(graph, Map.of("then", "throttle", "seconds", "7")).statusCode())
        .isEqualTo(429);
    assertThat(scripted(graph, Map.of("then", "block")).statusCode()).isEqualTo(403);
    assertThat(scripted(graph, Map.of("then", "unavailable")).statusCode()).isEqualTo(503);
    HttpResponse<String> challenged = scripted(graph, Map.of("then", "mfa"));
    assertThat(challenged.statusCode()).isEqualTo(401);
    assertThat(challenged.headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("error=\"insufficient_claims\"", "claims=");
    assertThat(json(get("/sandbox/journal")).path("entries").valueStream())
        .filteredOn(entry -> entry.path("door").asString().equals("graph"))
        .filteredOn(entry -> entry.path("user").asString("").equals("bob"))
        .extracting(entry -> entry.path("status").asString())
        .endsWith("200", "429", "403", "503", "401");
  }

  /** Under a rule for Graph, which ends with it. */
  private static HttpResponse<String> scripted(String graph, Map<String, String> then)
      throws Exception {
    Map<String, String> fields = new HashMap<>(then);
    fields.put("call", "groups");
    fields.put("user", "bob");
    String rule = json(command("rule", fields)).path("rule").asString();
    HttpResponse<String> answer = post(MEMBERS, graph);
    assertThat(command("remove-rule", Map.of("rule", rule)).statusCode()).isEqualTo(200);
    return answer;
  }

  @Test
  void forgeriesAreIssuedByTheNameOfTheirFault() throws Exception {
    for (String fault :
        new String[] {"expired", "tampered", "other-key", "consumers-key", "unsigned"}) {
      String forged = token(Map.of("who", "alice", "forged", fault));
      assertThat(exchange(forged).has("access_token")).as(fault).isFalse();
    }
    assertThat(send("/sandbox/token", Map.of("who", "alice", "forged", "nothing")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void whatCannotBeDoneIsSaid() throws Exception {
    HttpResponse<String> answer = command("rule", Map.of("then", "mfa", "user", "nobody"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("there is no user called nobody");
    assertThat(command("explode", Map.of()).statusCode()).isEqualTo(404);
  }

  @Test
  void thePageShowsWhatStandsAndItsFormsChangeIt() throws Exception {
    HttpResponse<String> done = form("rule", Map.of("then", "block", "user", "bob", "times", ""));
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(done.headers().firstValue("Location")).contains("/sandbox/");
    HttpResponse<String> page = get("/sandbox/");
    assertThat(page.body())
        .contains("<td>user bob</td><td>block</td>", "travel-agent", "gina-guest")
        .doesNotContain("<script");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
  }

  @Test
  void pagesOfOtherSitesCannotUseIt() throws Exception {
    HttpRequest foreign =
        HttpRequest.newBuilder(URI.create(sandbox.url() + "/sandbox/entra/rule"))
            .header("Origin", "https://evil.example")
            .POST(HttpRequest.BodyPublishers.ofString("{\"then\":\"block\"}"))
            .build();
    assertThat(HTTP.send(foreign, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(403);
    assertThat(state().path("rules").size()).isZero();
  }

  @Test
  void theJournalTellsCallsAndHoldsNoToken() throws Exception {
    assertThat(
            HTTP.send(
                    HttpRequest.newBuilder(URI.create(sandbox.url() + "/sandbox/journal"))
                        .DELETE()
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(200);
    HttpResponse<String> _ = get("/" + Directory.TENANT + "/discovery/v2.0/keys");
    String assertion = token(Map.of("who", "gina-guest"));
    String issued = exchange(assertion).path("access_token").asString();
    String secret = Files.readString(data.resolve("gateway-client.secret"));
    HttpResponse<String> journal = get("/sandbox/journal");
    JsonNode entry = json(journal).path("entries").path(0);
    assertThat(entry.path("call").asString()).isEqualTo("obo");
    assertThat(entry.path("user").asString()).isEqualTo("gina-guest");
    assertThat(entry.path("tenant").asString()).isEqualTo("home");
    assertThat(entry.path("resource").asString()).isEqualTo("databricks");
    assertThat(entry.path("status").asString()).isEqualTo("200");
    assertThat(json(get("/sandbox/journal?all")).path("entries").path(0).path("call").asString())
        .isEqualTo("keys");
    assertThat(journal.body()).doesNotContain(assertion, issued, secret, "eyJ");
  }

  @Test
  void theVaultIsFilledScriptedAndClosed() throws Exception {
    String version =
        json(send("/sandbox/vault/secret", Map.of("name", "root"))).path("version").asString();
    String key = json(send("/sandbox/vault/key", Map.of("name", "kek"))).path("version").asString();
    String own = ownToken();
    assertThat(json(vault("/secrets/root", own)).path("value").asString()).matches("[0-9a-f]{64}");
    assertThat(json(vault("/secrets/root", own)).path("id").asString()).endsWith(version);
    assertThat(json(vault("/keys/kek", own)).path("key").path("kid").asString()).endsWith(key);

    assertThat(
            send(
                    "/sandbox/vault/version",
                    Map.of("kind", "keys", "name", "kek", "version", key, "enabled", "false"))
                .statusCode())
        .isEqualTo(200);
    assertThat(vault("/keys/kek", own).body()).contains("KeyDisabled");
    HttpResponse<String> _ = send("/sandbox/vault/throttle", Map.of("times", "1", "seconds", "7"));
    HttpResponse<String> later = vault("/secrets/root", own);
    assertThat(later.statusCode()).isEqualTo(429);
    assertThat(later.headers().firstValue("Retry-After")).hasValue("7");
    HttpResponse<String> _ = send("/sandbox/vault/unavailable", Map.of("times", "1"));
    assertThat(vault("/secrets/root", own).statusCode()).isEqualTo(503);
    HttpResponse<String> _ =
        send("/sandbox/vault/allow", Map.of("app", "gateway", "given", "false"));
    assertThat(vault("/secrets/root", own).body()).contains("ForbiddenByRbac");
    assertThat(send("/sandbox/vault/allow", Map.of("app", "gateway")).statusCode()).isEqualTo(200);
    assertThat(send("/sandbox/vault/nothing", Map.of()).statusCode()).isEqualTo(404);
    assertThat(send("/sandbox/vault/key", Map.of("name", "../x")).statusCode()).isEqualTo(400);
  }

  /** As Key Vault does: whose vault it is, and for what a token must be. */
  @Test
  void aVaultWantsAnApplicationsOwnTokenForItself() throws Exception {
    HttpResponse<String> _ = send("/sandbox/vault/secret", Map.of("name", "closed"));
    for (String token :
        java.util.List.of(
            "",
            token(Map.of("who", "alice")),
            sandbox.appToken("nightly-job"),
            sandbox
                .entra()
                .tokens()
                .forUser(
                    Directory.user("alice").orElseThrow(),
                    Directory.app("gateway").orElseThrow(),
                    Directory.app("key-vault").orElseThrow()))) {
      HttpResponse<String> refused = vault("/secrets/closed", token);
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate"))
          .hasValue(
              "Bearer authorization=\"%s/%s\", resource=\"https://vault.azure.net\""
                  .formatted(sandbox.url(), Directory.TENANT));
    }
  }

  private static HttpResponse<String> vault(String path, String token) throws Exception {
    return get(URI.create(sandbox.url() + path + "?api-version=7.4"), token);
  }

  private static String ownToken() throws Exception {
    return json(form(
            "/" + Directory.TENANT + "/oauth2/v2.0/token",
            Map.of(
                "grant_type",
                "client_credentials",
                "client_id",
                Directory.GATEWAY,
                "client_secret",
                Files.readString(data.resolve("gateway-client.secret")),
                "scope",
                "https://vault.azure.net/.default"),
            ""))
        .path("access_token")
        .asString();
  }

  private static int aadsts(String who) throws Exception {
    return exchange(token(Map.of("who", who))).path("error_codes").path(0).asInt();
  }

  private static String token(Map<String, String> fields) throws Exception {
    return json(send("/sandbox/token", fields)).path("access_token").asString();
  }

  private static JWTClaimsSet claims(String token) throws Exception {
    return SignedJWT.parse(token).getJWTClaimsSet();
  }

  private static JsonNode exchange(String assertion) throws Exception {
    return exchange(assertion, Directory.DATABRICKS + "/.default");
  }

  private static JsonNode exchange(String assertion, String scope) throws Exception {
    return json(
        form(
            "/" + Directory.TENANT + "/oauth2/v2.0/token",
            Map.of(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "client_id",
                Directory.GATEWAY,
                "client_secret",
                Files.readString(data.resolve("gateway-client.secret")),
                "assertion",
                assertion,
                "scope",
                scope,
                "requested_token_use",
                "on_behalf_of"),
            ""));
  }

  private static JsonNode state() throws Exception {
    return json(get("/sandbox/entra"));
  }

  private static HttpResponse<String> command(String name, Map<String, String> fields)
      throws Exception {
    return send("/sandbox/entra/" + name, fields);
  }

  private static HttpResponse<String> form(String command, Map<String, String> fields)
      throws Exception {
    return form("/sandbox/entra/" + command, fields, sandbox.url());
  }

  private static HttpResponse<String> form(String path, Map<String, String> fields, String origin)
      throws Exception {
    String body =
        fields.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(sandbox.url() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> send(String path, Map<String, String> fields)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(sandbox.url() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(fields)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String token) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(sandbox.url() + path))
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString("{\"securityEnabledOnly\":true}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(URI address, String token) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(address).header("Authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(sandbox.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }
}
