// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.policy.Decision;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.Visibility;
import dev.obolus.policy.document.Facts;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the demo's people get, decided by the real module with the demo's own facts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxFactsTest {
  private static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  private final WasmPolicyEvaluator evaluator =
      new WasmPolicyEvaluator(WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(100));

  @BeforeAll
  void activate() throws UnloadablePolicy {
    var _ = evaluator.activate(PackagedPolicy.with(Vectors.sandbox()));
  }

  @AfterAll
  void close() {
    evaluator.close();
  }

  @Test
  void aliceReadsOrdersOfHerRegionWithEmailMasked() {
    Verdict verdict = decide("alice_reads_orders");
    assertThat(verdict.decision()).isInstanceOf(Decision.Permit.class);
    assertThat(((Decision.Permit) verdict.decision()).obligations())
        .containsExactly(
            new Obligation.RowFilter(
                ORDERS,
                new Predicate.Comparison(
                    "region", Predicate.Operator.EQ, new Predicate.Literal.Text("EMEA"))),
            new Obligation.ColumnMask(ORDERS, "email", new Mask.Replace("***")),
            new Obligation.MaxRows(1000));
    assertThat(((Decision.Permit) verdict.decision()).demands())
        .extracting(Decision.Demand::kind)
        .containsOnly(
            Obligation.Kind.ROW_FILTER, Obligation.Kind.COLUMN_MASK, Obligation.Kind.MAX_ROWS);
    assertThat(verdict.visible()).containsExactly(ORDERS);
    assertThat(verdict.agent()).contains("finance-copilot");
    assertThat(verdict.labels())
        .containsExactly(
            Map.entry(
                ORDERS,
                new Verdict.Labels(
                    Set.of("internal"),
                    Map.of("id", Set.of(), "email", Set.of("pii", "email"), "amount", Set.of()))));
    assertThat(verdict.inputs()).hasSize(1);
  }

  @Test
  void aliceReadsCustomersAndForecast() {
    assertThat(decide("alice_reads_customers").decision().effect()).isEqualTo("allow");
    assertThat(decide("alice_reads_forecast").decision().effect()).isEqualTo("allow");
  }

  @Test
  void bobIsDeniedOrders() {
    Verdict verdict = decide("bob_asks_for_orders");
    assertThat(codes(verdict)).contains("ORG-001");
    assertThat(verdict.visible()).isEmpty();
  }

  @Test
  void salariesAreDeniedToBoth() {
    assertThat(codes(decide("alice_asks_for_salaries"))).contains("ORG-001");
    assertThat(codes(decide("bob_asks_for_salaries"))).contains("ORG-001");
  }

  @Test
  void aStrangerIsToldTheSameOfRealAndOfInventedTables() {
    assertThat(decide("bob_asks_for_orders").told())
        .isEqualTo(decide("bob_asks_for_salaries").told())
        .isEqualTo(decide("alice_asks_for_an_invented_table").told())
        .isEqualTo(decide("alice_asks_for_salaries").told())
        .extracting(Reason::code)
        .containsExactly("ORG-001");
  }

  @Test
  void whoMayReadIsToldPrecisely() {
    assertThat(decide("alice_gives_no_purpose").told())
        .extracting(Reason::code)
        .containsExactly("ORG-008");
  }

  @Test
  void rogueAgentsApplicationsAndWritesAreRefused() {
    assertThat(codes(decide("alice_through_rogue_agent"))).contains("ORG-003");
    assertThat(codes(decide("nightly_job_on_its_own"))).contains("ORG-002");
    assertThat(codes(decide("alice_deletes"))).contains("ORG-006");
    assertThat(codes(decide("alice_executes"))).contains("ORG-006");
  }

  @Test
  void withoutFactsEverythingIsRefused() throws UnloadablePolicy {
    try (WasmPolicyEvaluator empty =
        new WasmPolicyEvaluator(WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(10))) {
      var _ = empty.activate(PackagedPolicy.with(Facts.none()));
      for (Vectors.Case each : Vectors.cases()) {
        assertThat(empty.decide(List.of(Vectors.input(each.input()))).decision())
            .isInstanceOf(Decision.Deny.class);
      }
    }
  }

  @Test
  void oneDeniedResourceDeniesTheRequest() {
    PolicyInput orders = input("alice_reads_orders");
    PolicyInput salaries = input("alice_asks_for_salaries");
    Verdict verdict = evaluator.decide(List.of(orders, salaries));
    assertThat(verdict.decision().effect()).isEqualTo("deny");
    assertThat(verdict.visible()).containsExactly(ORDERS);
    assertThat(verdict.inputs()).hasSize(2);
  }

  private static final Visibility NOTHING = new Visibility.Seen(Set.of());

  @Test
  void aliceSeesSalesAndBobAndAnApplicationNothing() {
    assertThat(evaluator.visible(input("alice_reads_orders")).block())
        .isEqualTo(
            new Visibility.Seen(
                Set.of(
                    ORDERS,
                    new ResourceName("main.sales.customers"),
                    new ResourceName("main.sales.forecast"))));
    assertThat(evaluator.visible(input("bob_asks_for_orders")).block()).isEqualTo(NOTHING);
    assertThat(evaluator.visible(input("nightly_job_on_its_own")).block()).isEqualTo(NOTHING);
  }

  @Test
  void peopleHaveNames() {
    assertThat(evaluator.facts().people()).extracting(Facts.Person::name).contains("Alice Marlow");
  }

  @Test
  void aThousandGroupsFitIntoADecision() {
    ObjectNode many = (ObjectNode) Vectors.named("alice_reads_orders").input().deepCopy();
    ArrayNode groups = (ArrayNode) many.path("subject").path("groups");
    for (int i = 1; i < 1_000; i++) {
      groups.add("0b010500-0000-4000-8001-%012d".formatted(i));
    }
    assertThat(evaluator.decide(List.of(Vectors.input(many))).decision().effect())
        .isEqualTo("allow");
  }

  private static PolicyInput input(String name) {
    return Vectors.input(Vectors.named(name).input());
  }

  private Verdict decide(String name) {
    return evaluator.decide(List.of(input(name)));
  }

  private static List<String> codes(Verdict verdict) {
    assertThat(verdict.decision()).isInstanceOf(Decision.Deny.class);
    return verdict.decision().reasons().stream().map(Reason::code).toList();
  }
}
