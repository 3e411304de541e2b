// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.obolus.gateway.GatewayApplication;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Issuers;
import dev.obolus.sandbox.journal.Journal;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who asks, through which cloud, and what becomes of it: a whole gateway for each cloud, against
 * the stand-in Entra that speaks as that cloud.
 */
class CallersMatrixTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String CAPABLE = "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}";
  private static final Map<Issuers, ConfigurableApplicationContext> GATEWAYS =
      new EnumMap<>(Issuers.class);

  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static SeenTokens source;
  private static Facts facts;

  /** Whose tenant it is, seen from the gateway's. */
  enum Who {
    MEMBER("alice", Directory.TENANT),
    GUEST("gina-guest", Directory.TENANT),
    OF_ANOTHER_TENANT("gina", Directory.PARTNER);

    private final String name;
    private final String tenant;

    Who(String name, String tenant) {
      this.name = name;
      this.tenant = tenant;
    }

    Directory.User user() {
      return Directory.user(name).orElseThrow();
    }
  }

  enum Becomes {
    SERVED,
    CONSENT,
    STEP_UP,
    INSTRUCTIONS,
    REFUSED
  }

  record Row(Issuers cloud, Who who, Becomes becomes) {}

  static Stream<Row> rows() {
    return Stream.of(Issuers.values())
        .flatMap(cloud ->
            Stream.of(Who.values())
                .flatMap(who ->
                    Stream.of(Becomes.values()).map(becomes -> new Row(cloud, who, becomes))));
  }

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), folder.resolve("sandbox"));
    source = SeenTokens.start();
    secret("password", TestPostgres.GATEWAY);
    secret("root.key", "ab".repeat(32));
    secret("value.key", "cd".repeat(32));
    facts = facts();
  }

  @AfterAll
  static void stop() throws Exception {
    GATEWAYS.values().forEach(ConfigurableApplicationContext::close);
    source.close();
    sandbox.close();
  }

  @AfterEach
  void asBefore() {
    sandbox.entra().reset();
    source.forget();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whoAsksThroughWhicheverCloud(Row row) throws Exception {
    sandbox.entra().keys().speakAs(row.cloud());
    String gateway = gateway(row.cloud());
    switch (row.becomes()) {
      case SERVED -> served(row, ask(gateway, token(row.who(), "")));
      case CONSENT -> {
        var home = Directory.tenant(row.who().tenant).orElseThrow();
        sandbox.entra().standing().consent(home, app("gateway"), app("databricks"), false);
        HttpResponse<String> answer = ask(gateway, token(row.who(), ""));
        refused(row, answer, 403, "consent_required", 65001);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
            .contains("consentUri=\"" + sandbox.url() + "/" + row.who().tenant + "/");
      }
      case STEP_UP -> steppedUp(row, gateway);
      case INSTRUCTIONS -> {
        rule(row, "mfa");
        HttpResponse<String> answer = ask(gateway, token(row.who(), ""));
        refused(row, answer, 403, "step_up_required", 50076);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
      }
      case REFUSED -> {
        rule(row, "block");
        refused(row, ask(gateway, token(row.who(), "")), 403, "identity_denied", 53003);
      }
    }
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource(Issuers.class)
  void aTenantThatIsNotServedIsRefusedWithoutAnExchange(Issuers cloud) throws Exception {
    sandbox.entra().keys().speakAs(cloud);
    int before = exchanges().size();
    HttpResponse<String> answer =
        ask(gateway(cloud), sandbox.userToken("frank", "finance-copilot"));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(json(answer).path("fact").asString()).isEqualTo("token_tenant");
    assertThat(exchanges()).hasSize(before);
    assertThat(source.seen()).isEmpty();
  }

  private static void served(Row row, HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(source.seen()).hasSize(1);
    JWTClaimsSet claims = source.seen().getFirst();
    assertThat(claims.getStringClaim("tid")).isEqualTo(row.who().tenant);
    assertThat(claims.getStringClaim("oid")).isEqualTo(row.who().user().objectId());
    assertThat(claims.getAudience()).containsExactly(Directory.DATABRICKS);
    assertThat(claims.getIssuer()).isEqualTo(row.cloud().v2(row.who().tenant));
    assertThat(claims.getClaim("acct"))
        .isEqualTo(row.who() == Who.GUEST ? Long.valueOf(1) : Long.valueOf(0));
  }

  private static void refused(
      Row row, HttpResponse<String> answer, int status, String code, int aadsts) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(json(answer).path("code").asString()).isEqualTo(code);
    assertThat(source.seen()).isEmpty();
    Journal.Entry exchange = exchanges().getLast();
    assertThat(exchange.more())
        .containsEntry("aadsts", String.valueOf(aadsts))
        .containsEntry("user", row.who().user().name())
        .containsEntry("tenant", Directory.tenant(row.who().tenant).orElseThrow().name());
  }

  private static void steppedUp(Row row, String gateway) throws Exception {
    rule(row, "mfa");
    HttpResponse<String> challenge = ask(gateway, token(row.who(), CAPABLE));
    refused(row, challenge, 401, "step_up_required", 50076);
    String header = challenge.headers().firstValue("WWW-Authenticate").orElse("");
    assertThat(header)
        .contains("error=\"insufficient_claims\"")
        .contains("authorization_uri=\"" + sandbox.url() + "/" + row.who().tenant + "/oauth2/");
    String claims = header.replaceFirst(".*claims=\"([^\"]+)\".*", "$1");
    String asked = new String(Base64.getDecoder().decode(claims), StandardCharsets.UTF_8);
    served(row, ask(gateway, token(row.who(), asked)));
  }

  private static void rule(Row row, String then) {
    var _ =
        sandbox
            .entra()
            .rules()
            .add(
                Map.of(
                    "call",
                    "obo",
                    "user",
                    row.who().user().name(),
                    "resource",
                    "databricks",
                    "then",
                    then));
  }

  private static String token(Who who, String claims) {
    return sandbox
        .entra()
        .signedInToken(who.user(), app("finance-copilot"), app("gateway"), claims);
  }

  private static List<Journal.Entry> exchanges() {
    return sandbox.journal().entries().stream()
        .filter(entry -> entry.call().equals("obo"))
        .toList();
  }

  private static HttpResponse<String> ask(String gateway, String token)
      throws IOException, InterruptedException {
    String body =
        "{\"connector\":\"databricks-sales\",\"operation\":\"query\","
            + "\"arguments\":{\"table\":\"main.sales.orders\",\"columns\":[\"id\"],\"limit\":5}}";
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(gateway + "/v1/requests"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  private static App app(String name) {
    return Directory.app(name).orElseThrow();
  }

  /** The demo's facts, and those of the two who are not in them. */
  private static Facts facts() throws Exception {
    ObjectNode known = (ObjectNode) JSON.readTree(Facts.read(Path.of("../sandbox/facts")).json());
    for (Who who : Who.values()) {
      known
          .withObject("/users")
          .putObject(who.user().objectId())
          .put("name", who.user().displayName())
          .put("tenant", who.tenant)
          .put("region", "EMEA");
      for (String group : who.user().groups()) {
        known
            .withObject("/groups")
            .putObject(group)
            .put("name", "readers")
            .putArray("reads")
            .add("main.sales.orders");
      }
    }
    return Facts.parse(known.toString());
  }

  /** Started when first asked for: one for each cloud, on a database of its own. */
  private static String gateway(Issuers cloud) {
    ConfigurableApplicationContext context =
        GATEWAYS.computeIfAbsent(cloud, CallersMatrixTest::started);
    return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  private static ConfigurableApplicationContext started(Issuers cloud) {
    try {
      TestPostgres.Database log = TestPostgres.fresh();
      String version =
          DatabaseMigration.migrate(log.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER);
      assertThat(version).isNotBlank();
      ConfigurableApplicationContext context =
          new SpringApplicationBuilder(GatewayApplication.class)
              .run(settings(cloud, log).toArray(String[]::new));
      ready("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
      var _ = context.getBean(WasmPolicyEvaluator.class).activate(PackagedPolicy.with(facts));
      return context;
    } catch (Exception e) {
      throw new IllegalStateException("the gateway does not start", e);
    }
  }

  private static List<String> settings(Issuers cloud, TestPostgres.Database log) {
    List<String> settings = new ArrayList<>();
    settings.add("server.port=0");
    settings.add("server.address=127.0.0.1");
    settings.add("obolus.identity.authority=" + sandbox.url());
    if (cloud == Issuers.SANDBOX) {
      settings.add("obolus.identity.issuer=" + Issuers.SANDBOX.v2("{tenantid}"));
    }
    settings.add("obolus.identity.tenants=" + Directory.TENANT + "," + Directory.PARTNER);
    settings.add("obolus.identity.audiences=" + Directory.GATEWAY);
    settings.add("obolus.operator.audience=" + Directory.OPERATOR);
    settings.add("obolus.obo.client-id=" + Directory.GATEWAY);
    settings.add(
        "obolus.obo.client-secret-file=" + folder.resolve("sandbox/gateway-client.secret"));
    settings.add("obolus.connectors.databricks-sales.type=databricks");
    settings.add("obolus.connectors.databricks-sales.host=" + source.url());
    settings.add("obolus.connectors.databricks-sales.warehouse-id=w1");
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

  private static void ready(String url) throws IOException, InterruptedException {
    HttpRequest ask =
        HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness")).build();
    for (int i = 0; i < 1_200; i++) {
      if (HTTP.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the gateway is not ready");
  }

  private static void secret(String name, String content) {
    try {
      Path file =
          Files.createFile(
              folder.resolve(name),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
