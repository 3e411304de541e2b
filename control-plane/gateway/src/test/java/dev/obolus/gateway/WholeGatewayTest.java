// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The very application, on a real database and the packaged policy; only the issuer is ours. */
class WholeGatewayTest {
  private static final TestIssuer ISSUER = new TestIssuer();
  private static final JsonMapper JSON = new JsonMapper();
  private static TestPostgres.Database database;
  private static ConfigurableApplicationContext application;
  @TempDir static Path keys;

  /** Nobody gets a token here, because nobody gets that far. */
  static class NoAccess {
    @Bean
    DelegatedAccessProvider access() {
      return new DelegatedAccessProvider() {
        @Override
        public DelegatedAccess forSubject(
            Subject subject, ConnectorId connector, AuthorizedRequest.Correlation correlation) {
          throw new IllegalStateException("no access here");
        }

        @Override
        public long generation(Subject subject, ConnectorId connector) {
          return 0;
        }

        @Override
        public void purge(Purge whose) {}
      };
    }
  }

  @BeforeAll
  static void start() throws IOException {
    database = TestPostgres.fresh();
    String version =
        DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER);
    assertThat(version).isNotBlank();
    application =
        new SpringApplicationBuilder(GatewayApplication.class, NoAccess.class)
            .run(
                "--server.port=0",
                "--obolus.identity.authority=" + ISSUER.authority().toString(),
                "--obolus.identity.issuer=" + TestIssuer.ISSUER,
                "--obolus.identity.tenants=" + TestIssuer.TENANT,
                "--obolus.identity.audiences=" + TestIssuer.GATEWAY,
                "--obolus.operator.audience=" + TestIssuer.OPERATOR,
                "--obolus.operator.clients=" + TestIssuer.CONSOLE,
                "--obolus.operator.tenants=" + TestIssuer.TENANT,
                "--obolus.operator.data-tenants."
                    + TestIssuer.THIRD_TENANT
                    + "="
                    + TestIssuer.OTHER_TENANT
                    + ","
                    + TestIssuer.TENANT,
                "--obolus.http-allowed-hosts=sandbox",
                "--obolus.obo.client-id=" + TestIssuer.GATEWAY,
                "--obolus.connectors.sales-lake.host=http://127.0.0.1:1",
                "--obolus.audit.host=" + database.host(),
                "--obolus.audit.port=" + Integer.toString(database.port()),
                "--obolus.audit.database=" + database.name(),
                "--obolus.audit.password-file=" + file("password", TestPostgres.GATEWAY),
                "--obolus.audit.root-key-file=" + file("root.key", "ab".repeat(32)),
                "--obolus.audit.value-key-file=" + file("value.key", "cd".repeat(32)));
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            client().get().uri("/actuator/health/readiness").exchange().expectStatus().isOk());
  }

  @AfterAll
  static void stop() {
    application.close();
    ISSUER.close();
  }

  @Test
  void theLogIsMeasured() {
    MeterRegistry meters = application.getBean(MeterRegistry.class);
    assertThat(meters.get("obolus.audit.ready").gauge().value()).isEqualTo(1);
    assertThat(meters.get("obolus.audit.queue").gauge().value()).isNotNegative();
    assertThat(meters.get("obolus.audit.offers.refused").functionCounter().count()).isZero();
  }

  @Test
  void aRequestLeavesARecordThatItsCallerAloneCanSeeAndThatVerifies() {
    JsonNode refusal = ask(ISSUER.token(TestIssuer.ALICE), 404);
    assertThat(refusal.path("code").asString()).isEqualTo("unknown_connector");
    String id = refusal.path("decision_id").asString();
    assertThat(id).isNotBlank();

    JsonNode own = decision(id, TestIssuer.claims(TestIssuer.ALICE), 200);
    assertThat(own.path("records").get(0).path("event").asString()).isEqualTo("decided");
    assertThat(own.path("records").get(0).path("effect").asString()).isEqualTo("deny");

    Map<String, Object> byAnotherAgent = TestIssuer.claims(TestIssuer.ALICE);
    byAnotherAgent.put("azp", TestIssuer.OTHER_AGENT);
    assertThat(decision(id, byAnotherAgent, 404).path("code").asString()).isEqualTo("not_found");
    assertThat(decision(id, TestIssuer.claims(TestIssuer.BOB), 404).path("code").asString())
        .isEqualTo("not_found");

    Map<String, Object> job = TestIssuer.claims(TestIssuer.BOB);
    job.put("idtyp", "app");
    job.remove("scp");
    String refused = ask(ISSUER.sign(job), 404).path("decision_id").asString();
    assertThat(decision(refused, job, 200).path("id").asString()).isEqualTo(refused);
    assertThat(decision(id, job, 404).path("code").asString()).isEqualTo("not_found");

    JsonNode verification = operator("/operator/v1/audit/verify", 200);
    assertThat(verification.path("state").asString()).isEqualTo("verified");
    assertThat(verification.path("keyed").asBoolean()).isTrue();
    assertThat(verification.path("first_bad").isNull()).isTrue();
    assertThat(operatorStatus().path("reasons").path("ORG-001").asString())
        .isEqualTo("This is not available to you, or does not exist.");
    assertThat(operator("/operator/v1/sign-ins", 201).path("receipt").path("seq").asLong())
        .isPositive();
  }

  @Test
  void theFirstRecordSealsWhatIsTrusted() throws SQLException {
    assertThat(events()).startsWith("open");
    assertThat(opened())
        .contains("\"issuer\":\"" + TestIssuer.ISSUER + "\"")
        .contains("\"environment\":\"demo\"", "\"profile\":\"demo\"")
        .contains("\"authority\":\"" + ISSUER.authority() + "\"")
        .contains("\"http_allowed_hosts\":\"sandbox\"")
        .contains(
            "\"operator_data_tenants\":\""
                + TestIssuer.THIRD_TENANT
                + "="
                + TestIssuer.TENANT
                + ","
                + TestIssuer.OTHER_TENANT
                + "\"")
        .contains("\"tenants\":\"" + TestIssuer.TENANT + "\"")
        .contains("\"audiences\":\"" + TestIssuer.GATEWAY + "\"")
        .contains("\"operator_audience\":\"" + TestIssuer.OPERATOR + "\"")
        .contains("\"operator_clients\":\"" + TestIssuer.CONSOLE + "\"")
        .contains("\"operator_tenants\":\"" + TestIssuer.TENANT + "\"")
        .contains("\"obo_client\":\"" + TestIssuer.GATEWAY + "\"")
        .contains("\"connectors\":\"sales-lake=http://127.0.0.1:1\"")
        .contains("\"database\":\"" + database.host() + ":" + database.port() + "\"")
        .contains("\"keys_held\":\"root\"")
        .containsPattern("\"root_key\":\"[^\"]+\"")
        .containsPattern("\"value_key\":\"[0-9a-f]{8}\"");
  }

  private static String opened() throws SQLException {
    try (var connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT encode(canonical, 'escape') FROM obolus.audit_record"
                    + " WHERE event = 'open'")) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static List<String> events() throws SQLException {
    List<String> events = new ArrayList<>();
    try (var connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT event FROM obolus.audit_record ORDER BY chain, seq")) {
      while (rows.next()) {
        events.add(rows.getString(1));
      }
    }
    return events;
  }

  private static JsonNode ask(String token, int status) {
    return send(
        "/v1/requests",
        token,
        "{\"connector\":\"nothing\",\"operation\":\"query\",\"arguments\":{}}",
        status);
  }

  private static JsonNode operator(String path, int status) {
    Map<String, Object> claims = TestIssuer.claims("0b010500-0000-4000-8000-0000000000c3");
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("roles", List.of("Soc"));
    return send(path, ISSUER.sign(claims), "{}", status);
  }

  private static JsonNode operatorStatus() {
    Map<String, Object> claims = TestIssuer.claims("0b010500-0000-4000-8000-0000000000c3");
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("roles", List.of("Soc"));
    return read(
        client()
            .get()
            .uri("/operator/v1/status")
            .header("Authorization", "Bearer " + ISSUER.sign(claims))
            .exchange(),
        200);
  }

  private static JsonNode send(String path, String token, String body, int status) {
    return read(
        client()
            .post()
            .uri(path)
            .contentType(MediaType.APPLICATION_JSON)
            .header("Authorization", "Bearer " + token)
            .bodyValue(body)
            .exchange(),
        status);
  }

  private static JsonNode decision(String id, Map<String, Object> claims, int status) {
    return read(
        client()
            .get()
            .uri("/v1/decisions/" + id)
            .header("Authorization", "Bearer " + ISSUER.sign(claims))
            .exchange(),
        status);
  }

  private static JsonNode read(WebTestClient.ResponseSpec response, int status) {
    byte[] body =
        response.expectStatus().isEqualTo(status).expectBody().returnResult().getResponseBody();
    return JSON.readTree(Optional.ofNullable(body).orElseThrow());
  }

  private static WebTestClient client() {
    return WebTestClient.bindToServer()
        .baseUrl(
            "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port", ""))
        .responseTimeout(Duration.ofSeconds(60))
        .build();
  }

  private static String file(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            keys.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content).toString();
  }
}
