// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.GatewayApplication;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A whole gateway for each cloud, against one stand-in Entra that speaks as that cloud, and one
 * data plane that keeps whose tokens came. Started when first asked for, and ended with the JVM.
 */
final class Clouds {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Map<Issuers, ConfigurableApplicationContext> gateways =
      new EnumMap<>(Issuers.class);
  private final Path folder;
  private final Sandbox sandbox;
  private final SeenTokens source;
  private final Facts facts;

  private Clouds() throws Exception {
    folder = Files.createTempDirectory("obolus-clouds-");
    sandbox = SandboxDatabase.start(TestPostgres.own(), folder.resolve("sandbox"));
    source = SeenTokens.start();
    secret("password", TestPostgres.GATEWAY);
    secret("root.key", "ab".repeat(32));
    secret("value.key", "cd".repeat(32));
    facts = facts();
  }

  static Clouds shared() {
    return Shared.CLOUDS;
  }

  private static final class Shared {
    static final Clouds CLOUDS = start();

    private static Clouds start() {
      try {
        var clouds = new Clouds();
        Runtime.getRuntime().addShutdownHook(new Thread(clouds::close));
        return clouds;
      } catch (Exception e) {
        throw new IllegalStateException("the stand-in does not start", e);
      }
    }
  }

  /** The stand-in's secrets go with the JVM. */
  private void close() {
    gateways.values().forEach(ConfigurableApplicationContext::close);
    source.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Sandbox sandbox() {
    return sandbox;
  }

  SeenTokens source() {
    return source;
  }

  /** Rules, users, consent, versions and keys as at the start, and no token seen. */
  void asBefore() {
    sandbox.entra().reset();
    source.forget();
  }

  /** The exchanges that were asked for, whatever they came to. */
  List<Journal.Entry> exchanges() {
    return sandbox.journal().entries().stream()
        .filter(entry -> entry.call().equals("obo"))
        .toList();
  }

  /** What the cloud's gateway answers to a harmless question with that token. */
  HttpResponse<String> ask(Issuers cloud, String token) throws IOException, InterruptedException {
    String body =
        "{\"connector\":\"databricks-sales\",\"operation\":\"query\","
            + "\"arguments\":{\"table\":\"main.sales.orders\",\"columns\":[\"id\"],\"limit\":5}}";
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(gateway(cloud) + "/v1/requests"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  /** The demo's facts, and those of whoever is asked for here. */
  private static Facts facts() throws Exception {
    ObjectNode known = (ObjectNode) JSON.readTree(Facts.read(Path.of("../sandbox/facts")).json());
    for (String name : List.of("alice", "gina-guest", "gina")) {
      Directory.User user = Directory.user(name).orElseThrow();
      known
          .withObject("/users")
          .putObject(user.objectId())
          .put("name", user.displayName())
          .put("tenant", user.tenant())
          .put("region", "EMEA");
      for (String group : user.groups()) {
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

  private String gateway(Issuers cloud) {
    ConfigurableApplicationContext context = gateways.computeIfAbsent(cloud, this::started);
    return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  private ConfigurableApplicationContext started(Issuers cloud) {
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

  private List<String> settings(Issuers cloud, TestPostgres.Database log) {
    List<String> settings = new ArrayList<>();
    settings.add("server.port=0");
    settings.add("server.address=127.0.0.1");
    settings.add("obolus.identity.authority=" + sandbox.url());
    if (cloud == Issuers.SANDBOX) {
      settings.add("obolus.identity.issuer=" + Issuers.SANDBOX.v2("{tenantid}"));
    }
    settings.add("obolus.identity.tenants=" + Directory.TENANT + "," + Directory.PARTNER);
    settings.add("obolus.identity.audiences=" + Directory.GATEWAY + ",api://obolus");
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

  private void secret(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            folder.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }
}
