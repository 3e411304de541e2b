// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A gateway that holds no root key, the log's signer, and somebody who has the gateway's database
 * password and is one operator: the second he makes up.
 */
class ForgedProposalTest {
  private static final TestIssuer ISSUER = new TestIssuer();
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ADA = "0b010500-0000-4000-8000-0000000000c7";
  private static final String ROOT = "0b010500-0000-4000-8000-0000000000c8";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir static Path folder;
  private static TestPostgres.Database database;
  private static ConfigurableApplicationContext signer;
  private static ConfigurableApplicationContext gateway;

  @BeforeAll
  static void start() throws Exception {
    database = TestPostgres.fresh();
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotBlank();
    Path enrolments = Files.createDirectory(folder.resolve("enrolments"));
    assertThat(secret(enrolments.resolve("gateway-1.key"), "5e".repeat(32))).exists();
    SigningKey signing =
        SigningKey.create(folder.resolve("checkpoint.key"), "obolus/demo", new SecureRandom());
    assertThat(
            Files.writeString(
                folder.resolve("log.pub"),
                signing.logKeys().stream()
                    .map(NoteKey::toString)
                    .collect(Collectors.joining("\n"))))
        .exists();
    signer =
        new SpringApplicationBuilder(Signer.Beans.class)
            .web(WebApplicationType.NONE)
            .run(
                settings(
                    Map.of(
                        "obolus.environment", "demo",
                        "obolus.signer.port", "0",
                        "obolus.signer.enrolments", enrolments.toString(),
                        "obolus.audit.root-key-file",
                            secret(folder.resolve("root.key"), "ab".repeat(32)).toString(),
                        "obolus.audit.checkpoint-key-file",
                            folder.resolve("checkpoint.key").toString())));
    gateway =
        new SpringApplicationBuilder(GatewayApplication.class, WholeGatewayTest.NoAccess.class)
            .run(gatewaySettings());
    await().atMost(PATIENCE).until(() -> gateway.getBean(AuditDatabase.class).log().ready());
  }

  private static String[] gatewaySettings() throws IOException {
    String[] audit =
        settings(
            Map.of(
                "obolus.audit.enrolment-key-file",
                    folder.resolve("enrolments/gateway-1.key").toString(),
                "obolus.audit.public-keys-file", folder.resolve("log.pub").toString(),
                "obolus.audit.value-key-file",
                    secret(folder.resolve("value.key"), "cd".repeat(32)).toString(),
                "obolus.audit.retention.minimum", "0d"));
    String[] identity =
        arguments(
            Map.of(
                "server.port", "0",
                "obolus.identity.authority", ISSUER.authority().toString(),
                "obolus.identity.issuer", TestIssuer.ISSUER,
                "obolus.identity.tenants", TestIssuer.TENANT,
                "obolus.identity.audiences", TestIssuer.GATEWAY,
                "obolus.operator.audience", TestIssuer.OPERATOR,
                "obolus.operator.clients", TestIssuer.CONSOLE,
                "obolus.operator.tenants", TestIssuer.TENANT,
                "obolus.obo.client-id", TestIssuer.GATEWAY));
    return java.util.stream.Stream.of(audit, identity)
        .flatMap(java.util.Arrays::stream)
        .toArray(String[]::new);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    signer.close();
    ISSUER.close();
  }

  @Test
  void aProposalThatNoKeyOfTheLogVouchesForIsNoProposal() throws Exception {
    ask(TestIssuer.ALICE);
    ask(TestIssuer.BOB);

    // two people agree, one right after the other: the proposal is in the signed tree in a second
    JsonNode proposed = forget(ADA, TestIssuer.ALICE, "", 202);
    assertThat(
            forget(ROOT, TestIssuer.ALICE, place(proposed.path("receipt")), 200)
                .path("state")
                .asString())
        .isEqualTo("erased");

    JsonNode own = forget(ADA, TestIssuer.BOB, "", 202).path("receipt");
    Receipt forged = forge(about(own));
    long keys = whole("SELECT count(*) FROM obolus.audit_value_key");
    String there = place(forged.chain().toString(), forged.seq());
    refused(TestIssuer.BOB, there);

    // nor with a place in the tree, which the gateway's role may write
    span(forged, whole("SELECT max(first_index + leaves) FROM obolus.audit_tree_span"));
    refused(TestIssuer.BOB, there);
    checkpoint(whole("SELECT max(first_index + leaves) FROM obolus.audit_tree_span"));
    refused(TestIssuer.BOB, there);

    assertThat(whole("SELECT count(*) FROM obolus.audit_record WHERE event = 'erased'"))
        .isEqualTo(1);
    assertThat(whole("SELECT count(*) FROM obolus.audit_value_key")).isEqualTo(keys);
  }

  private static void refused(String whom, String proposal) {
    assertThat(forget(ADA, whom, proposal, 403).path("code").asString())
        .isEqualTo("second_person_required");
  }

  /** Writes with keys of his own what another operator is to have proposed. */
  private static Receipt forge(String about) throws Exception {
    try (AuditDatabase forger =
        AuditDatabase.open(
            new DatabaseSettings(
                database.host(),
                database.port(),
                database.name(),
                TestPostgres.GATEWAY,
                folder.resolve("password"),
                DatabaseSettings.Tls.PLAIN),
            LogSettings.defaults("obolus/demo", Map.of()),
            RootKey.create(folder.resolve("forgers.key"), new SecureRandom()),
            FileKeyEncryption.create(folder.resolve("forgers-value.key"), new SecureRandom()),
            new SecureRandom(),
            Clock.systemUTC())) {
      await().atMost(PATIENCE).until(() -> forger.log().ready());
      return forger
          .log()
          .append(
              new OperatorActed(
                  TestIssuer.TENANT,
                  new Person(TestIssuer.TENANT, ROOT),
                  TestIssuer.CONSOLE,
                  "audit.forget",
                  about,
                  "proposed"))
          .blockOptional(PATIENCE)
          .orElseThrow();
    }
  }

  private static void span(Receipt record, long index) throws SQLException {
    try (Connection connection = database.as(TestPostgres.GATEWAY);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO obolus.audit_tree_span (first_index, leaves, chain, first_seq,"
                    + " last_mac) SELECT ?, seq, chain, 1, mac FROM obolus.audit_record"
                    + " WHERE chain = ? AND seq = ?")) {
      insert.setLong(1, index);
      insert.setBytes(2, record.chain().bytes().toArray());
      insert.setLong(3, record.seq());
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
  }

  /** Of the tree as it now stands, but by the signatures of an older one. */
  private static void checkpoint(long size) throws SQLException {
    try (Connection connection = database.as(TestPostgres.GATEWAY);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO obolus.audit_checkpoint (size, signed_us, note) SELECT ?, signed_us,"
                    + " regexp_replace(note, E'\\n[0-9]+\\n', E'\\n' || ? || E'\\n') FROM"
                    + " obolus.audit_checkpoint ORDER BY size DESC LIMIT 1")) {
      insert.setLong(1, size);
      insert.setString(2, Long.toString(size));
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
  }

  private static String about(JsonNode receipt) throws SQLException {
    String sealed =
        text(
            "SELECT encode(canonical, 'escape') FROM obolus.audit_record WHERE chain = '\\x"
                + receipt.path("chain").asString()
                + "' AND seq = "
                + receipt.path("seq").asLong());
    var about = java.util.regex.Pattern.compile("p-[0-9a-f]{32} keys [0-9a-f]{32}").matcher(sealed);
    assertThat(about.find()).isTrue();
    return about.group();
  }

  private static long whole(String query) throws SQLException {
    return Long.parseLong(text(query));
  }

  private static String text(String query) throws SQLException {
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private static void ask(String person) {
    JsonNode refused =
        send(
            "/v1/requests",
            ISSUER.token(person),
            "{\"connector\":\"nothing\",\"operation\":\"query\",\"arguments\":{}}",
            404);
    assertThat(refused.path("decision_id").asString()).isNotBlank();
  }

  private static JsonNode forget(String who, String whom, String proposal, int status) {
    Map<String, Object> claims = TestIssuer.claims(who);
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("roles", List.of("Auditor"));
    claims.put("auth_time", Instant.now().minusSeconds(60).getEpochSecond());
    return send(
        "/operator/v1/audit/forget",
        ISSUER.sign(claims),
        "{\"tenant\":\""
            + TestIssuer.TENANT
            + "\",\"object_id\":\""
            + whom
            + "\",\"reason\":\"asked for\""
            + proposal
            + "}",
        status);
  }

  private static String place(JsonNode receipt) {
    return place(receipt.path("chain").asString(), receipt.path("seq").asLong());
  }

  private static String place(String chain, long seq) {
    return ",\"proposal\":{\"chain\":\"" + chain + "\",\"seq\":" + seq + "}";
  }

  private static JsonNode send(String path, String token, String body, int status) {
    byte[] answer =
        WebTestClient.bindToServer()
            .baseUrl(
                "http://127.0.0.1:" + gateway.getEnvironment().getProperty("local.server.port", ""))
            .responseTimeout(PATIENCE)
            .build()
            .post()
            .uri(path)
            .contentType(MediaType.APPLICATION_JSON)
            .header("Authorization", "Bearer " + token)
            .bodyValue(body)
            .exchange()
            .expectStatus()
            .isEqualTo(status)
            .expectBody()
            .returnResult()
            .getResponseBody();
    return JSON.readTree(Optional.ofNullable(answer).orElseThrow());
  }

  private static String[] settings(Map<String, String> own) throws IOException {
    Path password = folder.resolve("password");
    Map<String, String> all =
        new java.util.HashMap<>(
            Map.of(
                "obolus.audit.host", database.host(),
                "obolus.audit.port", Integer.toString(database.port()),
                "obolus.audit.database", database.name(),
                "obolus.audit.password-file",
                    (Files.exists(password) ? password : secret(password, TestPostgres.GATEWAY))
                        .toString()));
    all.putAll(own);
    return arguments(all);
  }

  private static String[] arguments(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toArray(String[]::new);
  }

  private static Path secret(Path file, String content) throws IOException {
    Path made =
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(made, content);
  }
}
