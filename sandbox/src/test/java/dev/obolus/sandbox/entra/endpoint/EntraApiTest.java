// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Forgeries;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stand-in Entra over its wire: sign-in, client proof, and what it must not be talked into. */
class EntraApiTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String CALLBACK = "http://localhost:8081/login/oauth2/code/obolus";
  private static final String VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789";
  private static final String OPERATE = "openid profile api://obolus-operator/operate";

  @TempDir static Path data;
  private static EntraApi entra;
  private static HttpServer server;

  @BeforeAll
  static void start() throws Exception {
    entra = new EntraApi(data, Clock.systemUTC(), _ -> {});
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", entra);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void aPublishedKeyVerifiesTokensAndNamesItsIssuer() throws Exception {
    String keys = get("/discovery/v2.0/keys").body();
    JsonNode raw = JSON.readTree(keys).path("keys").path(0);
    SignedJWT token = SignedJWT.parse(entra.tokens().sign(good()));
    var published = JWKSet.parse(keys).getKeyByKeyId(token.getHeader().getKeyID());
    assertThat(token.verify(new RSASSAVerifier(published.toRSAKey()))).isTrue();
    assertThat(published.getParsedX509CertChain()).hasSize(1);
    assertThat(raw.path("x5t").asString()).isEqualTo(token.getHeader().getKeyID());
    assertThat(raw.path("issuer").asString())
        .isEqualTo("https://entra.obolus.test/{tenantid}/v2.0");
    assertThat(keys).doesNotContain("\"d\"", "\"p\"", "\"q\"");
  }

  @Test
  void secretsAndKeysAreTheirOwnersOnly() throws Exception {
    try (var files = Files.list(data)) {
      assertThat(files.toList())
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                  .isEqualTo("rw-------"));
    }
  }

  @Test
  void aCodeIsWorthOneTokenToTheClientThatKnowsTheVerifier() throws Exception {
    String code = pick("omar", authorization(OPERATE));
    JsonNode answer = post("/oauth2/v2.0/token", redemption(code, VERIFIER));
    JWTClaimsSet access = SignedJWT.parse(answer.path("access_token").asString()).getJWTClaimsSet();
    JWTClaimsSet id = SignedJWT.parse(answer.path("id_token").asString()).getJWTClaimsSet();
    assertThat(access.getAudience()).containsExactly(Directory.OPERATOR);
    assertThat(access.getStringListClaim("roles")).containsExactly("Soc", "Approver");
    assertThat(id.getAudience()).containsExactly(Directory.CONSOLE);
    assertThat(id.getStringClaim("nonce")).isEqualTo("n-1");
    assertThat(error(post("/oauth2/v2.0/token", redemption(code, VERIFIER)))).isEqualTo(70008);
  }

  @Test
  void aWrongVerifierIsRefused() throws Exception {
    String code = pick("omar", authorization(OPERATE));
    assertThat(error(post("/oauth2/v2.0/token", redemption(code, VERIFIER + "x"))))
        .isEqualTo(501481);
  }

  @Test
  void aSignInIsNotSentAwayFromThisMachineNorWithoutPkce() throws Exception {
    Map<String, String> foreign = authorization(OPERATE);
    foreign.put("redirect_uri", "https://evil.example/login/oauth2/code/obolus");
    assertThat(get("/oauth2/v2.0/authorize?" + form(foreign)).body()).contains("AADSTS50011");
    Map<String, String> plain = authorization(OPERATE);
    plain.put("code_challenge_method", "plain");
    assertThat(get("/oauth2/v2.0/authorize?" + form(plain)).body()).contains("AADSTS9002325");
  }

  @Test
  void thePageOffersUsersAndRunsNoScript() throws Exception {
    Map<String, String> asked = authorization(OPERATE);
    asked.put("state", "\"><script>alert(1)</script>");
    HttpResponse<String> page = get("/oauth2/v2.0/authorize?" + form(asked));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("Alice Marlow").doesNotContain("<script");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "form-action 'self' http://localhost:8081")
        .doesNotContain("unsafe");
  }

  @Test
  void aClientGetsNoTokenForWhatNobodyConsentedTo() throws Exception {
    JsonNode answer = post("/oauth2/v2.0/token", nightlyJob(Directory.DATABRICKS + "/.default"));
    assertThat(error(answer)).isEqualTo(65001);
    assertThat(answer.path("suberror").asString()).isEqualTo("consent_required");
  }

  @Test
  void oneTokenIsForOneResource() throws Exception {
    String both = "api://obolus/.default api://obolus-operator/.default";
    Map<String, String> asked = exchange(entra.tokens().sign(good()));
    asked.put("scope", both);
    assertThat(error(post("/oauth2/v2.0/token", asked))).isEqualTo(28000);
  }

  @Test
  void aGoodAssertionIsExchangedAndNoForgeryIs() throws Exception {
    assertThat(post("/oauth2/v2.0/token", exchange(entra.tokens().sign(good()))).path("error"))
        .isEmpty();
    Map<Function<Forgeries, String>, Integer> forged =
        Map.of(
            Forgeries::expired, 500133,
            Forgeries::notYetValid, 500133,
            Forgeries::tampered, 50013,
            Forgeries::wrongAudience, 500131,
            Forgeries::wrongIssuer, 50013,
            Forgeries::withoutScope, 240002,
            Forgeries::unsigned, 50027,
            Forgeries::macWithPublicKey, 50013,
            Forgeries::otherKey, 50013,
            Forgeries::otherTenant, 50013);
    Forgeries forgeries = entra.forgeries(good());
    for (var each : forged.entrySet()) {
      JsonNode answer = post("/oauth2/v2.0/token", exchange(each.getKey().apply(forgeries)));
      assertThat(error(answer)).as(answer.toString()).isEqualTo(each.getValue());
    }
  }

  @Test
  void anIdTokenIsNotAnAssertion() throws Exception {
    String id =
        entra
            .tokens()
            .idToken(
                Directory.user("alice").orElseThrow(), Directory.app("gateway").orElseThrow(), "n");
    assertThat(error(post("/oauth2/v2.0/token", exchange(id)))).isEqualTo(240002);
  }

  @Test
  void aClientAssertionByAnotherKeyIsRefused() throws Exception {
    Map<String, String> asked = exchange(entra.tokens().sign(good()));
    asked.remove("client_secret");
    asked.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    asked.put("client_assertion", entra.tokens().sign(good()));
    assertThat(error(post("/oauth2/v2.0/token", asked))).isEqualTo(700027);
  }

  @Test
  void whatCannotBeDecodedIsMalformed() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(uri("/oauth2/v2.0/token"))
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=%zz"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(error(JSON.readTree(answer.body()))).isEqualTo(9002313);
  }

  private static JWTClaimsSet good() {
    return entra
        .tokens()
        .userClaims(
            Directory.user("alice").orElseThrow(),
            Directory.app("finance-copilot").orElseThrow(),
            Directory.app("gateway").orElseThrow())
        .build();
  }

  private static Map<String, String> authorization(String scope) {
    return new HashMap<>(
        Map.of(
            "client_id",
            Directory.CONSOLE,
            "redirect_uri",
            CALLBACK,
            "response_type",
            "code",
            "scope",
            scope,
            "state",
            "s-1",
            "nonce",
            "n-1",
            "code_challenge",
            Pkce.challenge(VERIFIER),
            "code_challenge_method",
            "S256"));
  }

  private static String pick(String user, Map<String, String> asked) throws Exception {
    Map<String, String> posted = new HashMap<>(asked);
    posted.put("user", user);
    HttpResponse<String> answer = send("/oauth2/v2.0/authorize", posted);
    URI target = URI.create(answer.headers().firstValue("Location").orElseThrow());
    assertThat(target.toString()).startsWith(CALLBACK + "?").contains("state=s-1");
    return List.of(target.getQuery().split("&", -1)).stream()
        .filter(part -> part.startsWith("code="))
        .map(part -> part.substring("code=".length()))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> redemption(String code, String verifier) throws Exception {
    return Map.of(
        "grant_type",
        "authorization_code",
        "client_id",
        Directory.CONSOLE,
        "client_secret",
        secret("console-client"),
        "code",
        code,
        "redirect_uri",
        CALLBACK,
        "code_verifier",
        verifier);
  }

  private static Map<String, String> nightlyJob(String scope) throws Exception {
    return Map.of(
        "grant_type",
        "client_credentials",
        "client_id",
        Directory.NIGHTLY_JOB,
        "client_secret",
        secret("nightly-job"),
        "scope",
        scope);
  }

  private static Map<String, String> exchange(String assertion) throws Exception {
    return new HashMap<>(
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_id",
            Directory.GATEWAY,
            "client_secret",
            secret("gateway-client"),
            "assertion",
            assertion,
            "scope",
            Directory.DATABRICKS + "/.default",
            "requested_token_use",
            "on_behalf_of"));
  }

  private static String secret(String name) throws Exception {
    return Files.readString(data.resolve(name + ".secret"));
  }

  private static int error(JsonNode answer) {
    return answer.path("error_codes").path(0).asInt();
  }

  private static JsonNode post(String path, Map<String, String> form) throws Exception {
    return JSON.readTree(send(path, form).body());
  }

  private static HttpResponse<String> send(String path, Map<String, String> form) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form(form)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static URI uri(String path) {
    return URI.create(
        "http://127.0.0.1:" + server.getAddress().getPort() + "/" + Directory.TENANT + path);
  }

  private static String form(Map<String, String> form) {
    return form.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
