// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import dev.obolus.e2e.RunningDemo.Stored;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job on real input: what the scripted agents show too. */
class MainJobsTest {
  private static final String ORDERS = "main.sales.orders";
  private static final String ALICE = "0b010500-0000-4000-8000-0000000000c1";

  private final RunningDemo demo = RunningDemo.shared();

  @Test
  void aliceSeesHerRegionWithMaskedEmailsAndTheSourceSawHerToken() {
    int before = demo.journal().path("entries").size();
    Answer answer = demo.query("alice", ORDERS, "id", "email", "region");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode body = answer.json();
    assertThat(body.path("decision").path("effect").asString("")).isEqualTo("allow");
    assertThat(body.path("result").path("rows").size()).isPositive();
    Set<String> regions = new HashSet<>();
    Set<String> emails = new HashSet<>();
    for (JsonNode row : body.path("result").path("rows")) {
      emails.add(row.path(1).asString(""));
      regions.add(row.path(2).asString(""));
    }
    assertThat(regions).containsExactly("EMEA");
    assertThat(emails).allSatisfy(email -> assertThat(email).doesNotContain("@"));
    assertThat(body.path("withheld"))
        .extracting(kind -> kind.path("kind").asString(""))
        .contains("row_filter", "column_mask");

    String decision = body.path("decision").path("id").asString();
    List<Stored> records = demo.recordsOf(decision);
    assertThat(records).extracting(Stored::event).containsExactly("decided", "served");
    assertThat(records.getLast().seq()).isEqualTo(body.path("receipt").path("seq").asLong());

    Set<String> seen = new HashSet<>();
    JsonNode journal = demo.journal().path("entries");
    for (int i = before; i < journal.size(); i++) {
      if (journal.path(i).path("door").asString("").equals("databricks")) {
        seen.add(journal.path(i).path("person").asString(""));
      }
    }
    assertThat(seen).containsExactly(ALICE);
  }

  @Test
  void theDoctorFindsTheDemoWellAndExchangesForEachConnector() {
    RunningDemo.Verified doctor = demo.doctor();
    assertThat(doctor.exit()).as(doctor.said()).isZero();
    assertThat(doctor.said()).contains("databricks-sales: exchanged for").contains("All is well.");
  }

  @Test
  void bobIsRefusedInWordsWithoutTheSourceBeingCalled() {
    String before = demo.journal().toString();
    Answer answer = demo.query("bob", ORDERS, "id", "amount");
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.json().path("reasons").path(0).path("code").asString("")).isNotEmpty();
    assertThat(answer.json().path("reasons").path(0).path("text").asString("")).isNotEmpty();
    assertThat(demo.journal().toString()).isEqualTo(before);
    assertThat(demo.recordsOf(answer.json().path("decision_id").asString()))
        .extracting(record -> record.event() + " " + record.effect())
        .containsExactly("decided deny");
  }

  @Test
  void whatIsNotProvenAReadIsRefused() {
    String before = demo.journal().toString();
    for (String statement :
        List.of(
            "SELECT 1; DELETE FROM main.sales.orders",
            "DELETE FROM main.sales.orders",
            "EXECUTE IMMEDIATE 'DROP TABLE main.sales.orders'")) {
      Answer answer = demo.sql("alice", statement);
      assertThat(answer.status()).as(statement + " " + answer.body()).isEqualTo(403);
      assertThat(demo.recordsOf(answer.json().path("decision_id").asString()))
          .as(statement)
          .hasSize(1);
    }
    assertThat(demo.journal().toString()).isEqualTo(before);
  }

  @Test
  void aTokenWithoutAPersonIsRefusedWithoutAnExchange() {
    String before = demo.journal().toString();
    Answer answer = demo.query("nightly-job", ORDERS, "id");
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.code()).isEqualTo("app_only");
    assertThat(demo.journal().toString()).isEqualTo(before);
    assertThat(demo.recordsOf(answer.json().path("decision_id").asString())).hasSize(1);
  }

  @Test
  void theSourcesOwnRefusalIsReportedAndRecordedAsTheSources() {
    Answer answer = demo.query("alice", "main.sales.forecast", "region", "quarter");
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.code()).isEqualTo("source_denied");
    assertThat(demo.recordsOf(answer.json().path("decision_id").asString()))
        .extracting(record -> record.event() + " " + record.effect())
        .containsExactly("decided allow", "failed ");
  }

  @Test
  void whoMayNotSeeATableLearnsNothingAboutItsColumns() {
    Answer real = demo.query("bob", ORDERS, "id");
    Answer invented = demo.query("bob", ORDERS, "no_such_column");
    Answer nowhere = demo.query("bob", "main.sales.no_such_table", "id");
    assertThat(invented.status()).isEqualTo(real.status());
    assertThat(invented.reasons()).isEqualTo(real.reasons());
    assertThat(nowhere.reasons()).isEqualTo(real.reasons());
    assertThat(nowhere.code()).isEqualTo(real.code());
  }

  @Test
  void badInputNamesTheFieldAndShowsNoStackTrace() {
    Answer column = demo.query("alice", ORDERS, "no_such_column");
    assertThat(column.status()).as(column.body()).isEqualTo(422);
    assertThat(column.json().path("errors").path(0).path("pointer").asString(""))
        .isEqualTo("/arguments/columns/0");
    Answer malformed = demo.ask("alice", "{\"connector\":");
    assertThat(malformed.status()).isEqualTo(400);
    Answer twice = demo.ask("alice", "{\"connector\":\"a\",\"connector\":\"b\"}");
    assertThat(twice.status()).isEqualTo(400);
    Answer wrongType =
        demo.ask("alice", "{\"connector\":7,\"operation\":\"query\",\"arguments\":{}}");
    assertThat(wrongType.status()).isEqualTo(400);
    assertThat(wrongType.body()).contains("/connector");
    Answer unknown =
        demo.ask(
            "alice",
            "{\"connector\":\"databricks-nowhere\",\"operation\":\"query\",\"arguments\":{}}");
    assertThat(unknown.status()).isEqualTo(404);
    for (Answer answer : List.of(column, malformed, twice, wrongType, unknown)) {
      assertThat(answer.body()).doesNotContain("Exception", "\\tat ", "dev.obolus");
    }
  }

  @Test
  void aTamperedTokenIsNobodys() {
    String token = demo.token("alice");
    String tampered = token.substring(0, token.length() - 4) + "AAAA";
    Answer answer =
        demo.post(
            demo.url("gateway") + "/v1/requests", tampered, RunningDemo.queryBody(ORDERS, "id"));
    assertThat(answer.status()).isEqualTo(401);
  }
}
