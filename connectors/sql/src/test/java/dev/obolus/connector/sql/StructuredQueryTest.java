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
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.Predicate.Comparison;
import dev.obolus.terms.Predicate.Literal;
import dev.obolus.terms.Predicate.Operator;
import dev.obolus.terms.ResourceName;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StructuredQueryTest {
  private static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  private static final Obligation EMEA_ONLY =
      new Obligation.RowFilter(
          ORDERS, new Comparison("region", Operator.EQ, new Literal.Text("EMEA")));

  @Test
  void namesAreQuotedAndValuesAreBound() {
    var statement =
        render(
            Map.of(
                "table", "main.sales.ORDERS",
                "columns", List.of("id", "Region"),
                "filter", field("region", "eq", "EM'EA` OR 1=1 --"),
                "order", List.of(Map.of("column", "amount", "direction", "desc")),
                "limit", 5L),
            List.of());
    assertThat(statement.text())
        .isEqualTo(
            "SELECT `id`, `region` FROM (SELECT `id`, `region`, `amount` FROM"
                + " `main`.`sales`.`orders`) AS `orders` WHERE (`region` = :p0)"
                + " ORDER BY `amount` DESC LIMIT 5");
    assertThat(statement.parameters())
        .containsExactly(new BoundStatement.Parameter("p0", "EM'EA` OR 1=1 --", "STRING"));
    assertThat(statement.columns()).containsExactly("id", "region");
  }

  @Test
  void theRowFilterStandsInsideWhereTheCallersOrCannotReach() {
    var statement =
        render(
            Map.of(
                "table", "main.sales.orders",
                "columns", List.of("id"),
                "filter", compound("or", field("id", "gt", 0L), field("region", "eq", "APAC"))),
            List.of(EMEA_ONLY));
    assertThat(statement.text())
        .isEqualTo(
            "SELECT `id` FROM (SELECT `id`, `region` FROM `main`.`sales`.`orders`"
                + " WHERE (`region` = :p0)) AS `orders`"
                + " WHERE ((`id` > :p1) OR (`region` = :p2)) LIMIT 101");
  }

  @Test
  void severalRowFiltersMustAllHold() {
    var other =
        new Obligation.RowFilter(
            ORDERS,
            new Predicate.Not(
                new Comparison("amount", Operator.GE, new Literal.Numeric(new BigDecimal("1.5")))));
    var statement =
        render(
            Map.of("table", "main.sales.orders", "columns", List.of("id")),
            List.of(EMEA_ONLY, other));
    assertThat(statement.text()).contains("WHERE (`region` = :p0) AND (NOT (`amount` >= :p1))) AS");
    assertThat(statement.parameters().getLast().type()).isEqualTo("DECIMAL(2,1)");
  }

  @Test
  void aMaskedColumnIsMaskedInFilterAndOrderToo() {
    var statement =
        render(
            Map.of(
                "table", "main.sales.orders",
                "columns", List.of("id"),
                "filter", field("email", "startswith", "a"),
                "order", List.of(Map.of("column", "email"))),
            List.of(new Obligation.ColumnMask(ORDERS, "EMAIL", new Mask.Replace("***"))));
    assertThat(statement.text())
        .isEqualTo(
            "SELECT `id` FROM (SELECT `id`, :p0 AS `email` FROM `main`.`sales`.`orders`)"
                + " AS `orders` WHERE startswith(`email`, :p1) ORDER BY `email` ASC LIMIT 101");
  }

  @Test
  void theStrongerOfTwoMasksWinsAndEachKeepsTheColumnsType() {
    var statement =
        render(
            Map.of("table", "main.sales.orders", "columns", List.of("email", "amount")),
            List.of(
                new Obligation.ColumnMask(ORDERS, "email", new Mask.Partial(4)),
                new Obligation.ColumnMask(ORDERS, "email", new Mask.Nullify()),
                new Obligation.ColumnMask(ORDERS, "amount", new Mask.Replace("x"))));
    assertThat(statement.text())
        .contains("CAST(NULL AS STRING) AS `email`, CAST(NULL AS DECIMAL(12,2)) AS `amount`");
  }

  @Test
  void aPartialMaskShowsNothingOfAShortValue() {
    var statement =
        render(
            Map.of("table", "main.sales.orders", "columns", List.of("email")),
            List.of(new Obligation.ColumnMask(ORDERS, "email", new Mask.Partial(4))));
    assertThat(statement.text())
        .contains(
            "CASE WHEN length(`email`) <= 4 THEN repeat('*', length(`email`))"
                + " ELSE concat(repeat('*', length(`email`) - 4), right(`email`, 4)) END");
  }

  @Test
  void oneRowMoreThanAllowedIsAskedForSoThatTruncationShows() {
    var query = Map.<String, Object>of("table", "main.sales.orders", "limit", 50L);
    var statement = render(query, List.of(new Obligation.MaxRows(7)));
    assertThat(statement.text()).endsWith(" LIMIT 8");
    assertThat(statement.limits().rows()).isEqualTo(7);
  }

  @Test
  void anObligationThatTheTableCannotMeetIsNotClaimedAndNotRendered() {
    var plan = plan(Map.of("table", "main.sales.orders"));
    var otherType =
        new Obligation.RowFilter(
            ORDERS, new Comparison("amount", Operator.EQ, new Literal.Text("EMEA")));
    var noColumn = new Obligation.ColumnMask(ORDERS, "ssn", new Mask.Nullify());
    assertThat(plan.meets(otherType)).isFalse();
    assertThat(plan.meets(noColumn)).isFalse();
    assertThat(plan.meets(EMEA_ONLY)).isTrue();
    assertThatThrownBy(() -> plan.render(List.of(noColumn), Fixtures.LIMITS))
        .isInstanceOf(SqlPlan.UnmetObligation.class);
  }

  @Test
  void everythingMentionedIsTouched() {
    var plan =
        plan(
            Map.of(
                "table", "main.sales.orders",
                "columns", List.of("id"),
                "filter", field("Region", "eq", "EMEA"),
                "order", List.of(Map.of("column", "email"))));
    assertThat(plan.resources().getFirst().columns())
        .containsExactlyInAnyOrder("id", "region", "email");
    assertThat(plan.resources().getFirst().resource()).isEqualTo(ORDERS);
  }

  @Test
  void valuesAreBoundWithTheTypeOfTheirColumn() {
    var statement =
        render(
            Map.of(
                "table", "main.sales.orders",
                "columns", List.of("id"),
                "filter",
                    compound(
                        "and",
                        field("id", "in", List.of(1L, 2L)),
                        field("amount", "lt", new BigDecimal("10.50")),
                        field("ordered_at", "gte", "2026-01-01"),
                        field("paid", "ne", true))),
            List.of());
    assertThat(statement.parameters())
        .extracting(BoundStatement.Parameter::type)
        .containsExactly("BIGINT", "BIGINT", "DECIMAL(4,2)", "TIMESTAMP", "BOOLEAN");
  }

  @Test
  void faultsNameTheirPlace() {
    assertFault(Map.of(), "/table", Fault.MISSING);
    assertFault(Map.of("table", "main.sales.nope"), "/table", Fault.UNKNOWN_RESOURCE);
    assertFault(Map.of("table", "orders"), "/table", Fault.UNKNOWN_RESOURCE);
    assertFault(with("columns", List.of("id", "ssn")), "/columns/1", Fault.UNKNOWN_COLUMN);
    assertFault(with("columns", List.of("id`, *")), "/columns/0", Fault.UNKNOWN_COLUMN);
    assertFault(with("columns", List.of()), "/columns", Fault.OUT_OF_RANGE);
    assertFault(with("tabel", "x"), "/tabel", Fault.UNKNOWN_ARGUMENT);
    assertFault(with("limit", 0L), "/limit", Fault.OUT_OF_RANGE);
    assertFault(with("limit", "5"), "/limit", Fault.WRONG_TYPE);
    assertFault(with("filter", field("ssn", "eq", "x")), "/filter", Fault.UNKNOWN_COLUMN);
    assertFault(with("filter", field("id", "eq", "x")), "/filter", Fault.WRONG_TYPE);
    assertFault(
        with("filter", field("region", "like", "x")), "/filter/operator", Fault.OUT_OF_RANGE);
    assertFault(with("filter", compound("and")), "/filter/value", Fault.WRONG_TYPE);
    assertFault(
        with("filter", compound("or", field("id", "eq", 1L), Map.of("type", "field"))),
        "/filter/value/1/field",
        Fault.MISSING);
    assertFault(
        with("order", List.of(Map.of("column", "id", "direction", "up"))),
        "/order/0/direction",
        Fault.OUT_OF_RANGE);
  }

  @Test
  void aFilterNestedTooDeepIsRefused() {
    Map<String, Object> filter = field("id", "eq", 1L);
    for (int i = 0; i < 100; i++) {
      filter = compound("not", filter);
    }
    Planning planning =
        new StructuredQueryPlanner(Fixtures.CATALOGUE).plan(request(with("filter", filter)));
    assertThat(((Unplannable) planning).fault()).isEqualTo(Fault.OUT_OF_RANGE);
  }

  @Test
  void anUnlistedTableIsToldOnlyToWhoeverMaySeeIt() {
    var planning =
        (Unplannable)
            new StructuredQueryPlanner(Fixtures.CATALOGUE)
                .plan(request(Map.of("table", "main.secret.plans")));
    assertThat(planning.about()).contains(new ResourceName("main.secret.plans"));
  }

  @Test
  void aFaultFoundAfterTheTableWasIsAboutTheTable() {
    for (Map<String, Object> arguments :
        List.of(
            with("columns", List.of()),
            with("filter", Map.of("type", "nonsense")),
            with("order", List.of(Map.of("direction", "asc"))),
            with("limit", -1L))) {
      var planning =
          (Unplannable) new StructuredQueryPlanner(Fixtures.CATALOGUE).plan(request(arguments));
      assertThat(planning.about())
          .as("%s", arguments)
          .contains(new ResourceName("main.sales.orders"));
    }
  }

  private static void assertFault(Map<String, Object> arguments, String pointer, Fault fault) {
    Planning planning = new StructuredQueryPlanner(Fixtures.CATALOGUE).plan(request(arguments));
    assertThat(planning).as("%s", arguments).isInstanceOf(Unplannable.class);
    var unplannable = (Unplannable) planning;
    assertThat(unplannable.pointer()).as("%s", arguments).isEqualTo(pointer);
    assertThat(unplannable.fault()).as("%s", arguments).isEqualTo(fault);
  }

  private static BoundStatement render(
      Map<String, Object> arguments, List<Obligation> obligations) {
    return plan(arguments).render(obligations, Fixtures.LIMITS);
  }

  private static SqlPlan plan(Map<String, Object> arguments) {
    Planning planning = new StructuredQueryPlanner(Fixtures.CATALOGUE).plan(request(arguments));
    return (SqlPlan) ((Planned) planning).plan();
  }

  private static DataRequest request(Map<String, Object> arguments) {
    return new DataRequest(
        new ConnectorId("databricks-sales"),
        StructuredQueryPlanner.operation("query"),
        arguments,
        Fixtures.LIMITS);
  }

  private static Map<String, Object> with(String name, Object value) {
    return Map.of("table", "main.sales.orders", name, value);
  }

  private static Map<String, Object> field(String field, String operator, Object value) {
    return Map.of("type", "field", "field", field, "operator", operator, "value", value);
  }

  private static Map<String, Object> compound(String operator, Object... operands) {
    return Map.of("type", "compound", "operator", operator, "value", List.of(operands));
  }
}
