// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * No token and no secret of the run stands in any program's log, in any answer, in any column of
 * any record or in what is encrypted there of the run's own decisions. What was searched is shown
 * to be the real thing by what is found in it.
 */
class SecretsHygieneTest {
  private static final String ORDERS = "main.sales.orders";
  private static final String JWT = "eyJ";
  private static final int LONG_ENOUGH = 16;
  private static final List<String> FIELDS =
      List.of("person", "statement", "obligations", "inputs");

  private final RunningDemo demo = RunningDemo.shared();

  @Test
  void noTokenAndNoSecretIsWrittenAnywhere() throws Exception {
    List<String> secrets = new ArrayList<>(secretsOnDisk());
    List<Answer> answers = new ArrayList<>();
    for (String who : List.of("alice", "bob", "nightly-job")) {
      String token = demo.token(who);
      secrets.add(token);
      secrets.add(token.substring(token.lastIndexOf('.') + 1));
      answers.add(demo.query(who, ORDERS, "id", "email"));
    }
    String bent = demo.token("alice") + "bent";
    secrets.add(bent);
    answers.add(
        demo.post(demo.url("gateway") + "/v1/requests", bent, RunningDemo.queryBody(ORDERS, "id")));
    answers.add(demo.sql("alice", "SELECT id FROM main.sales.nothing"));
    assertThat(answers.getFirst().status()).as(answers.getFirst().body()).isEqualTo(200);
    String decision = answers.getFirst().json().path("decision").path("id").asString();

    String records = records() + revealed(answers);
    String logs = logs();
    assertThat(records).contains(decision).contains(ORDERS).contains("main.sales.nothing");
    assertThat(logs).contains("audit chain opened");
    assertThat(secrets).hasSizeGreaterThan(10);
    for (String secret : secrets) {
      assertThat(records.contains(secret)).as("a secret is in a record").isFalse();
      assertThat(logs.contains(secret)).as("a secret is in a log").isFalse();
      assertThat(answers).noneMatch(answer -> answer.body().contains(secret));
    }
    assertThat(records.contains(JWT)).as("the beginning of a token is in a record").isFalse();
    assertThat(logs.contains(JWT)).as("the beginning of a token is in a log").isFalse();
    assertThat(answers)
        .as("the beginning of a token is in an answer")
        .noneMatch(answer -> answer.body().contains(JWT));
  }

  /** Passwords, keys and client secrets of the demo: each file's content. */
  private List<String> secretsOnDisk() throws IOException {
    List<String> secrets = new ArrayList<>();
    for (String folder : List.of("keys", "sandbox")) {
      try (Stream<Path> files = Files.list(demo.data().resolve(folder))) {
        for (Path file : files.filter(SecretsHygieneTest::holdsASecret).toList()) {
          String content = Files.readString(file).strip();
          if (content.length() >= LONG_ENOUGH) {
            secrets.add(content);
          }
        }
      }
    }
    return secrets;
  }

  private static boolean holdsASecret(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".password") || name.endsWith(".secret") || name.equals("root.key");
  }

  private String logs() throws IOException {
    var all = new StringBuilder();
    try (Stream<Path> files = Files.walk(demo.data().resolve("logs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }

  /** What stands encrypted in the columns of these answers' decisions, as an operator sees it. */
  private String revealed(List<Answer> answers) {
    String operator =
        demo.post(
                demo.url("sandbox") + "/sandbox/token",
                null,
                "{\"who\":\"olga\",\"resource\":\"operator\"}")
            .json()
            .path("access_token")
            .asString();
    var all = new StringBuilder();
    for (Answer answer : answers) {
      JsonNode record = answer.json().path("decision").path("record");
      for (String field : record.isMissingNode() ? List.<String>of() : FIELDS) {
        Answer value =
            demo.post(
                demo.url("gateway") + "/operator/v1/audit/reveal",
                operator,
                "{\"chain\":\"%s\",\"seq\":%d,\"field\":\"%s\",\"purpose\":\"hygiene\"}"
                    .formatted(
                        record.path("chain").asString(), record.path("seq").asLong(), field));
        assertThat(value.status()).as(value.body()).isIn(200, 404);
        all.append(value.json().path("value").asString("")).append('\n');
      }
    }
    return all.toString();
  }

  /** Every column of every record, bytes as they are. */
  private String records() throws SQLException {
    var all = new StringBuilder();
    try (Connection connection = demo.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM obolus.audit_record")) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        for (int column = 1; column <= columns; column++) {
          Object value = rows.getObject(column);
          all.append(
                  value instanceof byte[] bytes
                      ? new String(bytes, StandardCharsets.ISO_8859_1)
                      : Objects.toString(value))
              .append('\n');
        }
      }
    }
    return all.toString();
  }
}
