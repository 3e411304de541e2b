// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.gateway.GatewayApplication;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Issuers;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two whole gateways on one log, the stand-in Entra and Databricks, and the kill switch. */
class FreezeTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Map<String, String> TOKENS = new ConcurrentHashMap<>();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FREEZE_ALICE =
      "\"scope\":\"person\",\"tenant\":\""
          + Directory.TENANT
          + "\",\"object_id\":\""
          + oid("alice")
          + "\"";

  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static TestPostgres.Database log;

  /** Closed together, as they share this process's event loops. */
  private static final List<ConfigurableApplicationContext> GATEWAYS = new ArrayList<>();

  private static ConfigurableApplicationContext one;
  private static ConfigurableApplicationContext other;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), folder.resolve("sandbox"));
    secret("password", TestPostgres.GATEWAY);
    secret("root.key", "ab".repeat(32));
    secret("value.key", "cd".repeat(32));
    log = TestPostgres.fresh();
    assertThat(DatabaseMigration.migrate(log.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotBlank();
    one = gateway();
    other = gateway();
  }

  @AfterAll
  static void stop() throws Exception {
    GATEWAYS.forEach(ConfigurableApplicationContext::close);
    sandbox.close();
  }

  @AfterEach
  void liftAll() throws Exception {
    sandbox.entra().reset();
    sandbox.databricks().delayStatements(Duration.ZERO);
    for (JsonNode freeze : list().path("freezes")) {
      String by = freeze.path("reason").asString().startsWith("admin") ? "omar" : "root-admin";
      assertThat(lift(by, freeze.path("id").asString()).statusCode()).isEqualTo(200);
    }
  }

  static Stream<String> scopes() {
    return Stream.of(
        FREEZE_ALICE,
        "\"scope\":\"agent\",\"client\":\"" + app("finance-copilot").clientId() + "\"",
        "\"scope\":\"tenant\",\"tenant\":\"" + Directory.TENANT + "\"",
        "\"scope\":\"connector\",\"connector\":\"databricks-sales\"",
        "\"scope\":\"everything\"");
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void whatOneGatewayFrozeAnotherRefusesToo(String scope) throws Exception {
    served(one);
    until(() -> ask(other, "alice").statusCode() == 200); // it may not have seen the last lift yet

    String id = freeze("olga", scope);
    refused(ask(one, "alice"), 403, "frozen");
    long since = System.nanoTime();
    until(() -> ask(other, "alice").statusCode() == 403);
    System.out.printf(
        "frozen at the other gateway after %d ms%n", (System.nanoTime() - since) / 1_000_000);
    HttpResponse<String> refusal = ask(other, "alice");
    refused(refusal, 403, "frozen");
    String decision = Clouds.json(refusal).path("decision_id").asString();
    assertThat(
            text(
                "SELECT reasons::text FROM obolus.audit_record WHERE decision_id = '"
                    + decision
                    + "'"))
        .isEqualTo("{frozen}");

    assertThat(lift("root-admin", id).statusCode()).isEqualTo(200);
    served(one);
    until(() -> ask(other, "alice").statusCode() == 200);
  }

  @Test
  void onlyAnotherOperatorWithASignInMadeForItLiftsAFreeze() throws Exception {
    String id = freeze("root-admin", FREEZE_ALICE, "admin wants it");

    refused(lift("olga", id), 403, "role_required");
    refused(lift("root-admin", id), 403, "other_operator_required");
    refused(lift("omar", Duration.ofMinutes(10), id), 403, "fresh_sign_in_required");
    refused(lift("omar", "ab".repeat(16) + "-1"), 404, "not_found");
    refused(lift("omar", "nothing"), 404, "not_found");
    refused(ask(one, "alice"), 403, "frozen");

    assertThat(lift("omar", id).statusCode()).isEqualTo(200);
    served(one);
    assertThat(
            text(
                "SELECT string_agg(code, ' ' ORDER BY seq) FROM obolus.audit_record"
                    + " WHERE action LIKE 'freeze.%' AND action <> 'freeze.list'"
                    + " AND at_us > (SELECT max(at_us) FROM obolus.audit_record"
                    + " WHERE event = 'frozen')"))
        .isEqualTo("OBO3002D OBO3002D OBO3002D OBO3002D OBO3002A");
  }

  @Test
  void nobodyFreezesWithoutTheRoleNorBeyondHisTenants() throws Exception {
    refused(post("ada", "/operator/v1/freezes", ask(FREEZE_ALICE, "r")), 403, "role_required");
    String foreign = "\"scope\":\"tenant\",\"tenant\":\"" + Directory.PARTNER + "\"";
    refused(post("olga", "/operator/v1/freezes", ask(foreign, "r")), 404, "not_found");
    refused(post("olga", "/operator/v1/freezes", ask("\"scope\":\"x\"", "r")), 400, "malformed");
    assertThat(list().path("freezes")).isEmpty();
  }

  @Test
  void anOperatorWhoIsFrozenLiftsNothing() throws Exception {
    String omar =
        "\"scope\":\"person\",\"tenant\":\""
            + Directory.TENANT
            + "\",\"object_id\":\""
            + oid("omar")
            + "\"";
    String id = freeze("olga", omar);
    refused(lift("omar", id), 403, "frozen");
  }

  @Test
  void aCallThatWaitsForItsTokenWhileItIsFrozenNeverComesToTheSource() throws Exception {
    var _ =
        sandbox
            .entra()
            .rules()
            .add(Map.of("call", "obo", "user", "alice", "then", "hang", "seconds", "4"));
    int before = sandbox.journal().entries().size();
    CompletableFuture<HttpResponse<String>> hanging = asking(one, "alice");
    until(() -> saw(before, "obo") || runningExchange());

    String _ = freeze("olga", FREEZE_ALICE);
    refused(hanging.get(), 403, "frozen");
    until(() -> saw(before, "obo"));
    Thread.sleep(1_000);
    assertThat(saw(before, "submit")).isFalse();
    assertThat(
            text(
                "SELECT count(*) FROM obolus.audit_record WHERE event = 'failed' AND at_us >"
                    + " (SELECT max(at_us) FROM obolus.audit_record WHERE event = 'frozen')"))
        .isNotEqualTo("0");
  }

  @Test
  void aStatementUnderWayIsCancelledAtTheSourceAndItsTokenIsGone() throws Exception {
    until(() -> ask(other, "alice").statusCode() == 200);
    sandbox.databricks().delayStatements(PATIENCE);
    int before = sandbox.journal().entries().size();
    CompletableFuture<HttpResponse<String>> running = asking(other, "alice");
    until(() -> saw(before, "submit"));

    String id = freeze("olga", FREEZE_ALICE);
    refused(running.get(), 403, "frozen");
    until(() -> saw(before, "cancel"));
    assertThat(saw(before, "obo")).isFalse();

    sandbox.databricks().delayStatements(Duration.ZERO);
    assertThat(lift("omar", id).statusCode()).isEqualTo(200);
    until(() -> ask(other, "alice").statusCode() == 200);
    assertThat(saw(before, "obo")).as("another exchange").isTrue();
  }

  @Test
  void aFreezeSurvivesARestart() throws Exception {
    String _ = freeze("olga", FREEZE_ALICE);
    ConfigurableApplicationContext fresh = gateway();
    refused(ask(fresh, "alice"), 403, "frozen");
    refused(ask(fresh, "bob"), 403, "denied");
  }

  @Test
  void whoHasTheGatewaysDatabasePasswordUnfreezesNobody() throws Exception {
    String id = freeze("olga", FREEZE_ALICE);
    for (String change :
        List.of(
            "DELETE FROM obolus.audit_record WHERE event = 'frozen'",
            "UPDATE obolus.audit_record SET event = 'decided' WHERE event = 'frozen'")) {
      assertThatThrownBy(() -> execute(TestPostgres.GATEWAY, change))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("permission denied");
    }
    String freeze = id.replace('-', ' ');
    forge(new AuditEvent.Unfrozen(Directory.TENANT, freeze, "p-someone", "forged", freeze));
    forge(
        new AuditEvent.Frozen(
            Directory.TENANT,
            "person",
            java.util.Optional.of(new AuditEvent.Person(Directory.TENANT, oid("bob"))),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            "p-someone",
            "forged",
            freeze));
    until(() -> list().path("alarms").size() >= 2);
    assertThat(list().path("alarms").toString()).contains("unsure "); // under a key of his own
    refused(ask(one, "alice"), 403, "frozen");
    refused(ask(one, "bob"), 403, "denied");
    ConfigurableApplicationContext fresh = gateway();
    refused(ask(fresh, "alice"), 403, "frozen");
    refused(ask(fresh, "bob"), 403, "denied");
  }

  @Test
  void aGatewayThatCannotReadTheListRefusesAll() throws Exception {
    served(one);
    execute("postgres", "ALTER DATABASE " + log.name() + " ALLOW_CONNECTIONS false");
    try {
      until(() -> {
        execute(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'obolus-freezes' AND datname = '"
                + log.name()
                + "'");
        return ask(one, "alice").statusCode() == 503;
      });
      refused(ask(one, "alice"), 503, "freeze_unknown");
    } finally {
      execute("postgres", "ALTER DATABASE " + log.name() + " ALLOW_CONNECTIONS true");
    }
    until(() -> ask(one, "alice").statusCode() == 200);
    until(() -> ask(other, "alice").statusCode() == 200);
  }

  private static boolean runningExchange() {
    return sandbox.entra().rules().all().stream()
        .anyMatch(rule -> sandbox.entra().rules().fired(rule.id()) > 0);
  }

  private static boolean saw(int after, String call) {
    return sandbox.journal().entries().stream()
        .skip(after)
        .anyMatch(entry -> entry.call().equals(call));
  }

  private static void served(ConfigurableApplicationContext gateway) throws Exception {
    HttpResponse<String> answer = ask(gateway, "alice");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void refused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Clouds.json(answer).path("code").asString()).isEqualTo(code);
  }

  private static HttpResponse<String> ask(ConfigurableApplicationContext gateway, String who)
      throws IOException, InterruptedException {
    return HTTP.send(question(gateway, who), HttpResponse.BodyHandlers.ofString());
  }

  private static CompletableFuture<HttpResponse<String>> asking(
      ConfigurableApplicationContext gateway, String who) {
    return HTTP.sendAsync(question(gateway, who), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest question(ConfigurableApplicationContext gateway, String who) {
    return HttpRequest.newBuilder(URI.create(url(gateway) + "/v1/requests"))
        .header(
            "Authorization",
            "Bearer "
                + TOKENS.computeIfAbsent(who, known -> sandbox.userToken(known, "finance-copilot")))
        .header("Content-Type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"connector\":\"databricks-sales\",\"operation\":\"query\","
                    + "\"purpose\":\"quarterly-report\",\"arguments\":"
                    + "{\"table\":\"main.sales.orders\",\"columns\":[\"id\"],\"limit\":5}}"))
        .build();
  }

  private static String freeze(String who, String scope) throws Exception {
    return freeze(who, scope, "because of a test");
  }

  private static String freeze(String who, String scope, String reason) throws Exception {
    HttpResponse<String> answer = post(who, "/operator/v1/freezes", ask(scope, reason));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return Clouds.json(answer).path("id").asString();
  }

  private static String ask(String scope, String reason) {
    return "{" + scope + ",\"reason\":\"" + reason + "\"}";
  }

  private static JsonNode list() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(url(one) + "/operator/v1/freezes"))
                .header("Authorization", "Bearer " + operator("olga", Duration.ZERO))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static HttpResponse<String> lift(String who, String id) throws Exception {
    return lift(who, Duration.ZERO, id);
  }

  private static HttpResponse<String> lift(String who, Duration signedInAgo, String id)
      throws Exception {
    return send(
        operator(who, signedInAgo),
        "/operator/v1/freezes/" + id + "/lift",
        "{\"reason\":\"it is over\"}");
  }

  private static HttpResponse<String> post(String who, String path, String body) throws Exception {
    return send(operator(who, Duration.ZERO), path, body);
  }

  private static HttpResponse<String> send(String token, String path, String body)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(url(one) + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Of an operator who signed in so long ago. */
  private static String operator(String who, Duration ago) {
    JWTClaimsSet.Builder claims =
        sandbox
            .entra()
            .tokens()
            .userClaims(Directory.user(who).orElseThrow(), app("console"), app("operator"))
            .claim("auth_time", Instant.now().minus(ago).getEpochSecond());
    return sandbox.entra().tokens().sign(claims.build());
  }

  /** By somebody who has the gateway's database password, and keys of his own. */
  private static void forge(AuditEvent event) throws Exception {
    Path own = Files.createTempDirectory(folder, "forger-");
    try (AuditDatabase forger =
        AuditDatabase.open(
            new DatabaseSettings(
                log.host(),
                log.port(),
                log.name(),
                TestPostgres.GATEWAY,
                folder.resolve("password"),
                DatabaseSettings.Tls.PLAIN),
            LogSettings.defaults("obolus/demo", Map.of()),
            RootKey.create(own.resolve("root.key"), new SecureRandom()),
            FileKeyEncryption.create(own.resolve("value.key"), new SecureRandom()),
            new SecureRandom(),
            Clock.systemUTC())) {
      until(() -> forger.log().ready());
      assertThat(forger.log().append(event).blockOptional(PATIENCE)).isPresent();
    }
  }

  private static void execute(String role, String sql) throws SQLException {
    try (Connection connection =
            role.equals("postgres") ? log.server().connect("postgres") : log.as(role);
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  private static String text(String query) throws SQLException {
    try (Connection connection = log.asSuperuser();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.call()) {
      assertThat(Instant.now()).as("still waiting").isBefore(end);
      Thread.sleep(50);
    }
  }

  private static String oid(String who) {
    return Directory.user(who).orElseThrow().objectId();
  }

  private static App app(String name) {
    return Directory.app(name).orElseThrow();
  }

  private static String url(ConfigurableApplicationContext gateway) {
    return "http://127.0.0.1:" + gateway.getEnvironment().getProperty("local.server.port");
  }

  private static ConfigurableApplicationContext gateway() throws Exception {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(GatewayApplication.class)
            .run(settings().toArray(String[]::new));
    boolean _ = GATEWAYS.add(context);
    URI ready = URI.create(url(context) + "/actuator/health/readiness");
    until(() ->
        HTTP.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200);
    return context;
  }

  private static List<String> settings() {
    List<String> settings = new ArrayList<>();
    settings.add("server.port=0");
    settings.add("server.address=127.0.0.1");
    settings.add("obolus.identity.authority=" + sandbox.url());
    settings.add("obolus.identity.issuer=" + Issuers.SANDBOX.v2("{tenantid}"));
    settings.add("obolus.identity.tenants=" + Directory.TENANT);
    settings.add("obolus.identity.audiences=" + Directory.GATEWAY);
    settings.add("obolus.operator.audience=" + Directory.OPERATOR);
    settings.add("obolus.operator.clients=" + app("console").clientId());
    settings.add("obolus.operator.tenants=" + Directory.TENANT);
    settings.add("obolus.obo.client-id=" + Directory.GATEWAY);
    settings.add(
        "obolus.obo.client-secret-file=" + folder.resolve("sandbox/gateway-client.secret"));
    settings.add("obolus.policy.facts=" + Path.of("../sandbox/facts"));
    settings.add("obolus.connectors.databricks-sales.type=databricks");
    settings.add("obolus.connectors.databricks-sales.host=" + sandbox.url());
    settings.add("obolus.connectors.databricks-sales.warehouse-id=0b0105d0e0a1b2c3");
    settings.add("obolus.connectors.databricks-sales.scope=" + Directory.DATABRICKS + "/.default");
    settings.add("obolus.connectors.databricks-sales.tables[0].name=main.sales.orders");
    settings.add("obolus.connectors.databricks-sales.tables[0].columns=id bigint,region string");
    settings.add("obolus.audit.host=" + log.host());
    settings.add("obolus.audit.port=" + log.port());
    settings.add("obolus.audit.database=" + log.name());
    settings.add("obolus.audit.password-file=" + folder.resolve("password"));
    settings.add("obolus.audit.root-key-file=" + folder.resolve("root.key"));
    settings.add("obolus.audit.value-key-file=" + folder.resolve("value.key"));
    return settings.stream().map(setting -> "--" + setting).toList();
  }

  private static void secret(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            folder.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }
}
