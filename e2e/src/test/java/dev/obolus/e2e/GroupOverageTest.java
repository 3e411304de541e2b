// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import dev.obolus.e2e.RunningDemo.Stored;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** People of so many groups that their tokens do not list them, from the token to the rows. */
class GroupOverageTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String ORDERS = "main.sales.orders";
  private static final int PAGES = 3;

  private final RunningDemo demo = RunningDemo.shared();
  private final int before = demo.journal().path("entries").size();
  private final List<String> people = new ArrayList<>();
  private final List<String> rules = new ArrayList<>();

  @AfterEach
  void asBefore() {
    people.forEach(who -> command("user", Map.of("user", who, "many_groups", "false")));
    rules.forEach(rule -> command("remove-rule", Map.of("rule", rule)));
  }

  @Test
  void theyAreLookedUpAsThePersonAfterADecisionOfItsOwnAndThenThePermitDependsOnThem()
      throws SQLException {
    Answer answer = ask(ofManyGroups("alice"));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(regions(answer)).containsExactly("EMEA");

    List<JsonNode> graph = seen("graph", "alice");
    assertThat(graph).hasSize(PAGES);
    Decided lookUp = lookUps().getLast();
    assertThat(lookUp.effect()).isEqualTo("allow");
    assertThat(lookUp.at()).isBefore(Instant.parse(graph.getFirst().path("at").asString()));
    assertThat(demo.recordsOf(lookUp.id()))
        .extracting(Stored::event)
        .containsExactly("decided", "served");
    String own = answer.json().path("decision").path("id").asString();
    assertThat(demo.recordsOf(own).getFirst().seq())
        .isGreaterThan(demo.recordsOf(lookUp.id()).getLast().seq());
    assertThat(seen("entra", "alice"))
        .extracting(entry -> entry.path("resource").asString())
        .contains("graph", "databricks");
  }

  @Test
  void whereGraphRefusesTheyStayUnknownAndThePersonIsDeniedAndToldWhy() throws SQLException {
    rule(Map.of("call", "groups", "user", "petra", "then", "block"));
    Answer answer = ask(ofManyGroups("petra"));
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.reasons()).containsExactly("ORG-016");
    assertThat(seen("graph", "petra"))
        .extracting(entry -> entry.path("status").asString())
        .containsExactly("403");
    assertThat(seen("databricks", "petra")).isEmpty();
    assertThat(demo.recordsOf(lookUps().getLast().id()))
        .extracting(Stored::event)
        .containsExactly("decided", "failed");
  }

  @Test
  void whereTheExchangeForGraphWantsAStrongerSignInThePersonIsAskedForItAndGraphIsNot() {
    rule(Map.of("call", "obo", "user", "ada", "resource", "graph", "then", "mfa"));
    Answer answer = ask(ofManyGroups("ada"));
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.reasons()).containsExactly("ORG-016");
    assertThat(answer.json().path("code").asString()).isEqualTo("step_up_required");
    assertThat(answer.json().path("claims").asString()).isNotBlank();
    assertThat(answer.json().path("authorization_uri").asString()).endsWith("/authorize");
    assertThat(answer.json().path("exchange").path("code").asString()).isEqualTo("aadsts50076");
    assertThat(seen("graph", "ada")).isEmpty();
  }

  @Test
  void whereTheExchangeForGraphWantsConsentThePersonIsToldWhereItIsGiven() {
    rule(
        Map.of(
            "call",
            "obo",
            "user",
            "ada",
            "resource",
            "graph",
            "then",
            "refuse",
            "aadsts",
            "65001"));
    Answer answer = ask(ofManyGroups("ada"));
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.json().path("code").asString()).isEqualTo("consent_required");
    assertThat(answer.json().path("consent").path("uri").asString()).contains("/adminconsent?");
    assertThat(seen("graph", "ada")).isEmpty();
  }

  @Test
  void anAgentThatIsNotRegisteredForItLooksNothingUp() {
    Answer answer =
        demo.post(
            demo.url("gateway") + "/v1/requests",
            token(ofManyGroups("omar"), "rogue-agent"),
            RunningDemo.queryBody(ORDERS, "id", "region"));
    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(seen("graph", "omar")).isEmpty();
    assertThat(seen("entra", "omar"))
        .extracting(entry -> entry.path("call").asString())
        .doesNotContain("obo");
  }

  @Test
  void aHerdMakesOneLookUpAndTwoPeopleNeverMix() throws Exception {
    String paul = token(ofManyGroups("paul"), "finance-copilot");
    String olga = token(ofManyGroups("olga"), "finance-copilot");
    List<Callable<Answer>> asked = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String token = i % 2 == 0 ? paul : olga;
      asked.add(() ->
          demo.post(
              demo.url("gateway") + "/v1/requests",
              token,
              RunningDemo.queryBody(ORDERS, "id", "region")));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(asked.size())) {
      List<Future<Answer>> answers = threads.invokeAll(asked);
      for (int i = 0; i < answers.size(); i++) {
        Answer answer = answers.get(i).get();
        assertThat(answer.status()).as(answer.body()).isEqualTo(i % 2 == 0 ? 200 : 403);
        assertThat(answer.reasons()).doesNotContain("ORG-016");
      }
    }
    for (String who : List.of("paul", "olga")) {
      assertThat(seen("graph", who)).as(who).hasSize(PAGES);
      assertThat(seen("entra", who))
          .filteredOn(entry -> entry.path("resource").asString().equals("graph"))
          .as(who)
          .hasSize(1);
    }
  }

  private String ofManyGroups(String who) {
    command("user", Map.of("user", who, "many_groups", "true"));
    people.add(who);
    return who;
  }

  private void rule(Map<String, String> fields) {
    rules.add(command("rule", fields).path("rule").asString());
  }

  private JsonNode command(String name, Map<String, String> fields) {
    Answer answer =
        demo.post(
            demo.url("sandbox") + "/sandbox/entra/" + name, null, JSON.writeValueAsString(fields));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  /** A fresh one: those that other tests got list the groups. */
  private String token(String who, String agent) {
    return demo.post(
            demo.url("sandbox") + "/sandbox/token",
            null,
            JSON.writeValueAsString(new HashMap<>(Map.of("who", who, "agent", agent))))
        .json()
        .path("access_token")
        .asString();
  }

  private Answer ask(String who) {
    return demo.post(
        demo.url("gateway") + "/v1/requests",
        token(who, "finance-copilot"),
        RunningDemo.queryBody(ORDERS, "id", "region"));
  }

  private static Set<String> regions(Answer answer) {
    Set<String> regions = new HashSet<>();
    answer.json().path("result").path("rows").forEach(row -> regions.add(row.path(1).asString("")));
    return regions;
  }

  /** What came to that door since this test began, with this person's token. */
  private List<JsonNode> seen(String door, String who) {
    List<JsonNode> seen = new ArrayList<>();
    JsonNode entries = demo.journal().path("entries");
    for (int i = before; i < entries.size(); i++) {
      JsonNode entry = entries.path(i);
      if (entry.path("door").asString("").equals(door)
          && (entry.path("user").asString("").equals(who)
              || entry.path("person").asString("").equals(id(who)))) {
        seen.add(entry);
      }
    }
    return seen;
  }

  private String id(String who) {
    for (JsonNode user : demo.get(demo.url("sandbox") + "/sandbox/entra").json().path("users")) {
      if (user.path("user").asString().equals(who)) {
        return user.path("id").asString();
      }
    }
    throw new IllegalArgumentException(who);
  }

  private record Decided(String id, String effect, Instant at) {}

  /** By the one rule that allows them. */
  private List<Decided> lookUps() throws SQLException {
    try (Connection connection = demo.asSuperuser();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT decision_id, effect, at_us FROM obolus.audit_record"
                    + " WHERE event = 'decided' AND 'DIRECTORY-001' = ANY (reasons)"
                    + " ORDER BY at_us, seq");
        ResultSet rows = statement.executeQuery()) {
      List<Decided> found = new ArrayList<>();
      while (rows.next()) {
        found.add(
            new Decided(
                rows.getString(1),
                rows.getString(2),
                Instant.EPOCH.plus(rows.getLong(3), ChronoUnit.MICROS)));
      }
      return found;
    }
  }
}
