// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.sandbox.databricks.StatementsApi;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole sandbox over its wire: who gets which token, and what the source answers to whom. */
class SandboxTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  @TempDir static Path data;
  private static Sandbox sandbox;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    PostgresServer server = TestPostgres.own();
    sandbox = SandboxDatabase.start(server, data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void theIssuerIsTheSameWhateverNameItIsCalledBy() throws Exception {
    String path = "/" + Directory.TENANT + "/v2.0/.well-known/openid-configuration";
    JsonNode metadata = JSON.readTree(get(sandbox.url() + path).body());
    assertThat(metadata.path("issuer").asString()).startsWith("https://entra.obolus.test/");
    assertThat(metadata.path("token_endpoint").asString()).startsWith(sandbox.url());
  }

  @Test
  void aliceReadsOrdersAsAlice() throws Exception {
    sandbox.journal().clear();
    JsonNode answer =
        run("alice", "SELECT `id`, `region` FROM `main`.`sales`.`orders` ORDER BY id LIMIT 3");
    assertThat(answer.path("status").path("state").asString()).isEqualTo("SUCCEEDED");
    assertThat(answer.path("result").path("data_array").size()).isEqualTo(3);
    assertThat(sandbox.journal().entries())
        .anySatisfy(entry -> {
          assertThat(entry.door()).isEqualTo("databricks");
          assertThat(entry.person()).isEqualTo("0b010500-0000-4000-8000-0000000000c1");
        });
  }

  @Test
  void theEngineItselfRefusesWhatAliceMayNotRead() throws Exception {
    JsonNode answer = run("alice", "SELECT * FROM main.sales.forecast");
    assertThat(answer.path("status").path("state").asString()).isEqualTo("FAILED");
    assertThat(answer.path("status").path("error").path("message").asString())
        .startsWith("[INSUFFICIENT_PERMISSIONS]");
  }

  @Test
  void aReaderCannotWrite() throws Exception {
    JsonNode answer = run("alice", "DELETE FROM main.sales.orders");
    assertThat(answer.path("status").path("error").path("message").asString())
        .startsWith("[INSUFFICIENT_PERMISSIONS]");
  }

  @Test
  void namesAndWordsThatItDoesNotKnowFailAsAtDatabricks() throws Exception {
    assertThat(message(run("alice", "SELECT * FROM main.sales.nowhere")))
        .startsWith("[TABLE_OR_VIEW_NOT_FOUND]");
    assertThat(message(run("alice", "SELECT nothing FROM main.sales.orders")))
        .startsWith("[UNRESOLVED_COLUMN]");
    assertThat(message(run("alice", "EXECUTE IMMEDIATE 'SELECT 1'")))
        .startsWith("[PARSE_SYNTAX_ERROR]");
  }

  @Test
  void theMaskThatTheProductWritesIsUnderstood() throws Exception {
    JsonNode answer =
        run(
            "alice",
            "SELECT `email` FROM (SELECT CASE WHEN length(`email`) <= 3 THEN repeat('*', length(`email`)) ELSE concat(repeat('*', length(`email`) - 3), right(`email`, 3)) END AS `email` FROM `main`.`sales`.`orders` WHERE startswith(region, 'EM')) AS `orders` LIMIT 1");
    assertThat(answer.path("result").path("data_array").path(0).path(0).asString())
        .startsWith("****")
        .endsWith("ple");
  }

  @Test
  void aCancelledStatementStopsInTheEngine() throws Exception {
    sandbox.databricks().delayStatements(Duration.ofSeconds(60));
    try {
      String token = exchanged("alice");
      JsonNode answer = JSON.readTree(submit(token, "SELECT 1", "0s").body());
      String id = answer.path("statement_id").asString();
      assertThat(post(StatementsApi.PATH + "/" + id + "/cancel", token, "{}").statusCode())
          .isEqualTo(200);
      JsonNode after =
          JSON.readTree(
              HTTP.send(
                      request(StatementsApi.PATH + "/" + id, token).GET().build(),
                      HttpResponse.BodyHandlers.ofString())
                  .body());
      assertThat(after.path("status").path("state").asString()).isEqualTo("CANCELED");
    } finally {
      sandbox.databricks().delayStatements(Duration.ZERO);
    }
  }

  @Test
  void longResultsComeInChunks() throws Exception {
    String token = exchanged("alice");
    JsonNode answer =
        JSON.readTree(
            submit(
                    token,
                    "SELECT o.id FROM main.sales.orders AS o JOIN main.sales.customers AS c ON c.id < 4",
                    "10s")
                .body());
    assertThat(answer.path("manifest").path("total_chunk_count").asInt()).isEqualTo(3);
    JsonNode second =
        JSON.readTree(
            HTTP.send(
                    request(
                            answer.path("result").path("next_chunk_internal_link").asString(),
                            token)
                        .GET()
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
    assertThat(second.path("data_array").size()).isEqualTo(500);
  }

  @Test
  void aTokenForTheGatewayDoesNotOpenTheSource() throws Exception {
    HttpResponse<String> answer =
        submit(sandbox.userToken("alice", "finance-copilot"), "SELECT 1", "10s");
    assertThat(answer.statusCode()).isEqualTo(401);
  }

  @Test
  void anotherPersonsStatementIsNotFound() throws Exception {
    String id =
        JSON.readTree(submit(exchanged("alice"), "SELECT 1", "10s").body())
            .path("statement_id")
            .asString();
    HttpResponse<String> answer =
        HTTP.send(
            request(StatementsApi.PATH + "/" + id, exchanged("bob")).GET().build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(404);
  }

  @Test
  void anAssertionIsTrulyChecked() throws Exception {
    String good = sandbox.userToken("alice", "finance-copilot");
    assertThat(error(exchange(sandbox.expiredToken("alice", "finance-copilot")))).isEqualTo(500133);
    assertThat(error(exchange(sandbox.appToken("nightly-job")))).isEqualTo(7000114);
    assertThat(error(exchange(sandbox.operatorToken("olga")))).isEqualTo(500131);
    assertThat(error(exchange(good.substring(0, good.length() - 8) + "AAAAAAAA"))).isEqualTo(50013);
    assertThat(error(exchange("not a token"))).isEqualTo(50027);
    assertThat(exchange(good).path("token_type").asString()).isEqualTo("Bearer");
  }

  @Test
  void aWrongSecretIsRefused() throws Exception {
    JsonNode answer =
        token(
            Map.of(
                "grant_type", "client_credentials",
                "client_id", Directory.NIGHTLY_JOB,
                "client_secret", "guess",
                "scope", "api://obolus/.default"));
    assertThat(error(answer)).isEqualTo(7000215);
  }

  @Test
  void tokensOfTwoInstallationsDoNotCross(@TempDir Path other) throws Exception {
    try (Sandbox second = SandboxDatabase.start(TestPostgres.own(), other)) {
      String foreign = second.userToken("alice", "finance-copilot");
      assertThat(error(exchange(foreign))).isEqualTo(50013);
    }
  }

  @Test
  void itsOwnDoorOpensUnderALoopbackNameOnly() throws Exception {
    assertThat(statusUnder("localhost")).isEqualTo(200);
    assertThat(statusUnder("127.0.0.1:8082")).isEqualTo(200);
    assertThat(statusUnder("rebound.example")).isEqualTo(403);
    assertThat(statusUnder("localhost.example")).isEqualTo(403);
  }

  @Test
  void itListensOnThisMachineOnlyUnlessToldOtherwise(@TempDir Path other) {
    var open =
        new SandboxOptions("0.0.0.0", 0, 0, false, other, "jdbc:postgresql://x/main", "u", "p");
    assertThatThrownBy(() -> Sandbox.start(open)).hasMessageContaining("--allow-non-loopback");
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void theJournalSaysWhoseTokenCameAndHoldsNone() throws Exception {
    sandbox.journal().clear();
    String token = sandbox.userToken("bob", "finance-copilot");
    String exchanged = exchange(token).path("access_token").asString();
    HttpResponse<String> _ = submit(exchanged, "SELECT 1", "10s");
    String journal = get(sandbox.url() + "/sandbox/journal").body();
    assertThat(journal)
        .contains("0b010500-0000-4000-8000-0000000000c2", "SELECT 1", Directory.GATEWAY)
        .doesNotContain(token, exchanged);
  }

  @Test
  void scriptedFaultsLookLikeTheSources() throws Exception {
    String token = exchanged("alice");
    try {
      sandbox.databricks().script(StatementsApi.Scripted.throttled(7));
      HttpResponse<String> throttled = submit(token, "SELECT 1", "10s");
      assertThat(throttled.statusCode()).isEqualTo(429);
      assertThat(throttled.headers().firstValue("Retry-After")).contains("7");
      sandbox.databricks().script(StatementsApi.Scripted.failedInside("INTERNAL_ERROR", "no"));
      HttpResponse<String> inside = submit(token, "SELECT 1", "10s");
      assertThat(inside.statusCode()).isEqualTo(200);
      assertThat(inside.body()).contains("FAILED");
    } finally {
      sandbox.databricks().script(null);
    }
    assertThat(submit(token, "SELECT 1", "10s").body()).contains("SUCCEEDED");
  }

  private static int statusUnder(String host) throws IOException {
    URI url = URI.create(sandbox.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET /sandbox/journal HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      String line = new String(answer, StandardCharsets.US_ASCII);
      return Integer.parseInt(line.substring(line.length() - 3));
    }
  }

  private static JsonNode run(String user, String statement) throws Exception {
    return JSON.readTree(submit(exchanged(user), statement, "10s").body());
  }

  private static String message(JsonNode answer) {
    return answer.path("status").path("error").path("message").asString();
  }

  private static int error(JsonNode answer) {
    return answer.path("error_codes").path(0).asInt();
  }

  private static String exchanged(String user) throws Exception {
    return exchange(sandbox.userToken(user, "finance-copilot")).path("access_token").asString();
  }

  private static JsonNode exchange(String assertion) throws Exception {
    return token(
        Map.of(
            "grant_type",
            JWT_BEARER,
            "client_id",
            Directory.GATEWAY,
            "client_secret",
            Files.readString(data.resolve("gateway-client.secret")),
            "assertion",
            assertion,
            "scope",
            Directory.DATABRICKS + "/.default",
            "requested_token_use",
            "on_behalf_of"));
  }

  private static JsonNode token(Map<String, String> form) throws Exception {
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return JSON.readTree(
        HTTP.send(
                HttpRequest.newBuilder(
                        URI.create(sandbox.url() + "/" + Directory.TENANT + "/oauth2/v2.0/token"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private static HttpResponse<String> submit(String token, String statement, String wait)
      throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("statement", statement)
            .put("warehouse_id", "w")
            .put("wait_timeout", wait)
            .toString();
    return post(StatementsApi.PATH, token, body);
  }

  private static HttpResponse<String> post(String path, String token, String body)
      throws IOException, InterruptedException {
    return HTTP.send(
        request(path, token).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create(sandbox.url() + path))
        .header("Authorization", "Bearer " + token);
  }

  private static HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }
}
