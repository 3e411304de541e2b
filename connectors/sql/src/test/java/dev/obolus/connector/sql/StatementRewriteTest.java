// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.connector.Planning.Planned;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate.Comparison;
import dev.obolus.terms.Predicate.Literal;
import dev.obolus.terms.Predicate.Operator;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class StatementRewriteTest {
  private static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  private static final Obligation EMEA_ONLY =
      new Obligation.RowFilter(
          ORDERS, new Comparison("region", Operator.EQ, new Literal.Text("EMEA")));
  private static final Obligation MASKED =
      new Obligation.ColumnMask(ORDERS, "email", new Mask.Replace("***"));

  @Test
  void theTableBecomesTheSafeDerivedTableAndTheRestStandsOutside() {
    var statement =
        render(
            "SELECT id, email FROM main.sales.orders WHERE email LIKE 'a%' OR 1 = 1"
                + " ORDER BY email;",
            EMEA_ONLY, MASKED);
    assertThat(statement.text())
        .isEqualTo(
            "SELECT id , email FROM (SELECT `id`, :p0 AS `email` FROM `main`.`sales`.`orders`"
                + " WHERE (`region` = :p1)) AS `orders`"
                + " WHERE email LIKE 'a%' OR 1 = 1 ORDER BY email LIMIT 101");
    assertThat(statement.parameters())
        .extracting(BoundStatement.Parameter::value)
        .containsExactly("***", "EMEA");
  }

  @Test
  void aStarAnswersTheListedColumnsAndNoOthers() {
    assertThat(render("SELECT * FROM main.sales.customers c").text())
        .isEqualTo(
            "SELECT * FROM (SELECT `id`, `name`, `email`, `region` FROM"
                + " `main`.`sales`.`customers`) AS `c` LIMIT 101");
  }

  @Test
  void theCallersLimitIsKeptWhereItIsSmaller() {
    assertThat(render("SELECT id FROM main.sales.orders LIMIT 5").text()).endsWith("LIMIT 5");
    assertThat(render("SELECT id FROM main.sales.orders LIMIT 5000").text()).endsWith("LIMIT 101");
    assertThat(render("SELECT id FROM main.sales.orders LIMIT ALL").text()).endsWith("LIMIT 101");
    assertThat(render("SELECT id FROM main.sales.orders OFFSET 7").text())
        .endsWith("LIMIT 101 OFFSET 7");
    assertThat(render("SELECT id FROM main.sales.orders", new Obligation.MaxRows(3)).text())
        .endsWith("LIMIT 4");
  }

  @Test
  void everyTableOfAJoinIsCutToItsListedColumns() {
    assertThat(
            render(
                    "SELECT o.id FROM main.sales.orders o /* x */ JOIN main.sales.customers"
                        + " ON o.customer_id = customers.id LIMIT 2")
                .text())
        .isEqualTo(
            "SELECT o . id FROM (SELECT `id`, `customer_id` FROM `main`.`sales`.`orders`) AS `o`"
                + " JOIN (SELECT `id` FROM `main`.`sales`.`customers`) AS `customers`"
                + " ON o . customer_id = customers . id LIMIT 2");
  }

  @Test
  void anInnerLimitIsNotMistakenForTheOuterOne() {
    assertThat(render("SELECT * FROM (SELECT id FROM main.sales.orders LIMIT 5000) x").text())
        .contains("LIMIT 5000 )")
        .endsWith("LIMIT 101");
  }

  @Test
  void aStatementNotProvenToBeAReadIsNeverExecuted() {
    var plan = plan("DELETE FROM main.sales.orders");
    assertThat(plan.actionClass()).isEqualTo(ActionClass.DELETE);
    assertThat(plan.meets(EMEA_ONLY)).isFalse();
    assertThatThrownBy(() -> plan.render(List.of(), Fixtures.LIMITS))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void obligationsOnAJoinAreNotClaimed() {
    var plan = plan("SELECT o.id FROM main.sales.orders o, main.sales.customers c");
    assertThat(plan.meets(EMEA_ONLY)).isFalse();
    assertThat(plan.meets(MASKED)).isFalse();
    assertThatThrownBy(() -> plan.render(List.of(MASKED), Fixtures.LIMITS))
        .isInstanceOf(SqlPlan.UnmetObligation.class);
  }

  @Test
  void columnsAreOverEstimatedNeverUnderEstimated() {
    assertThat(touched("SELECT x FROM (SELECT email AS x FROM main.sales.orders)"))
        .containsExactly("email");
    assertThat(touched("SELECT a FROM main.hr.salaries AS s(a, b, c)"))
        .containsExactlyInAnyOrder("employee_id", "name", "salary");
    assertThat(touched("SELECT count(*) FROM main.sales.orders WHERE `EMAIL` = 'x'"))
        .containsExactly("email");
    assertThat(touched("WITH c AS (SELECT * FROM main.hr.salaries) SELECT 1 FROM c"))
        .contains("salary");
    assertThat(touched("SELECT 1 FROM main.sales.orders JOIN main.sales.customers USING (region)"))
        .containsExactly("region");
  }

  @TestFactory
  Stream<DynamicTest> whatCostsMuchToParseIsRefusedBeforeItIsParsed() {
    String from = " FROM main.sales.orders WHERE id ";
    return Stream.of(
            "SELECT " + "(".repeat(3_000) + "1" + ")".repeat(3_000),
            "SELECT " + "NOT ".repeat(3_500) + "true",
            "SELECT " + "- ".repeat(3_500) + "1",
            "SELECT " + "CASE WHEN ".repeat(1_000) + "1" + " THEN 1 END".repeat(1_000),
            "SELECT id" + from + "IN (" + "1,".repeat(5_000) + "1)",
            "SELECT " + "x -> ".repeat(1_500) + "1",
            "EXPLAIN ".repeat(2_000) + "SELECT 1",
            "SELECT '" + "a".repeat(30_000) + "'")
        .map(text ->
            DynamicTest.dynamicTest(
                text.substring(0, 20),
                () ->
                    assertThat(planning(text))
                        .isInstanceOfSatisfying(
                            Unplannable.class,
                            fault -> assertThat(fault.fault()).isEqualTo(Fault.OUT_OF_RANGE))));
  }

  @Test
  void longButFlatStatementsAreRead() {
    assertThat(
            plan("SELECT id FROM main.sales.orders WHERE id IN (" + "1,".repeat(1_500) + "1)")
                .meets(EMEA_ONLY))
        .isTrue();
    assertThat(plan("SELECT id FROM main.sales.orders WHERE id = 1" + " OR id = 2".repeat(900)))
        .extracting(SqlPlan::actionClass)
        .isEqualTo(ActionClass.READ);
  }

  private static java.util.Set<String> touched(String statement) {
    return plan(statement).resources().getFirst().columns();
  }

  private static BoundStatement render(String statement, Obligation... obligations) {
    return plan(statement).render(List.of(obligations), Fixtures.LIMITS);
  }

  private static SqlPlan plan(String statement) {
    return (SqlPlan) ((Planned) planning(statement)).plan();
  }

  private static Planning planning(String statement) {
    return new StatementPlanner(Fixtures.CATALOGUE)
        .plan(
            new DataRequest(
                new ConnectorId("databricks-sales"),
                StatementPlanner.operation("sql"),
                Map.of("statement", statement),
                Fixtures.LIMITS));
  }
}
