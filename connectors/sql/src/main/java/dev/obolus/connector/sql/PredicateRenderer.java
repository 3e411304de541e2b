// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.sql.Bindings.Typed;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.Predicate.Comparison;
import dev.obolus.terms.Predicate.Literal;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Writes a predicate over one table in the source's dialect. Where a column is NULL the comparison
 * is unknown, and so is its negation: neither lets the row pass a WHERE.
 */
final class PredicateRenderer {
  private final Table table;
  private final Bindings bindings;

  PredicateRenderer(Table table, Bindings bindings) {
    this.table = table;
    this.bindings = bindings;
  }

  /** The comparison that cannot be written for this table, if there is one. */
  static Optional<Comparison> firstUnfit(Predicate predicate, Table table) {
    return switch (predicate) {
      case Comparison comparison ->
          isFit(comparison, table) ? Optional.empty() : Optional.of(comparison);
      case Predicate.And(List<Predicate> operands) -> firstUnfit(operands, table);
      case Predicate.Or(List<Predicate> operands) -> firstUnfit(operands, table);
      case Predicate.Not(Predicate operand) -> firstUnfit(operand, table);
    };
  }

  static void columns(Predicate predicate, Consumer<String> found) {
    switch (predicate) {
      case Comparison comparison -> found.accept(comparison.column());
      case Predicate.And(List<Predicate> operands) -> operands.forEach(p -> columns(p, found));
      case Predicate.Or(List<Predicate> operands) -> operands.forEach(p -> columns(p, found));
      case Predicate.Not(Predicate operand) -> columns(operand, found);
    }
  }

  String render(Predicate predicate) {
    return switch (predicate) {
      case Comparison comparison -> comparison(comparison);
      case Predicate.And(List<Predicate> operands) -> joined(operands, " AND ");
      case Predicate.Or(List<Predicate> operands) -> joined(operands, " OR ");
      case Predicate.Not(Predicate operand) -> "(NOT " + render(operand) + ")";
    };
  }

  private String joined(List<Predicate> operands, String word) {
    return operands.stream().map(this::render).collect(Collectors.joining(word, "(", ")"));
  }

  private String comparison(Comparison comparison) {
    String column = Table.quote(comparison.column().toLowerCase(java.util.Locale.ROOT));
    return switch (comparison.operator()) {
      case EQ -> "(" + column + " = " + bound(comparison) + ")";
      case NE -> "(" + column + " <> " + bound(comparison) + ")";
      case LT -> "(" + column + " < " + bound(comparison) + ")";
      case LE -> "(" + column + " <= " + bound(comparison) + ")";
      case GT -> "(" + column + " > " + bound(comparison) + ")";
      case GE -> "(" + column + " >= " + bound(comparison) + ")";
      case IN -> "(" + column + " IN (" + bound(comparison) + "))";
      case NOT_IN -> "(" + column + " NOT IN (" + bound(comparison) + "))";
      case CONTAINS -> "contains(" + column + ", " + bound(comparison) + ")";
      case STARTS_WITH -> "startswith(" + column + ", " + bound(comparison) + ")";
      case ENDS_WITH -> "endswith(" + column + ", " + bound(comparison) + ")";
    };
  }

  private String bound(Comparison comparison) {
    ColumnType type = table.find(comparison.column()).orElseThrow();
    return values(comparison.value()).stream()
        .map(literal -> bindings.bind(Bindings.typed(literal, type).orElseThrow()))
        .collect(Collectors.joining(", "));
  }

  private static Optional<Comparison> firstUnfit(List<Predicate> operands, Table table) {
    return operands.stream().flatMap(operand -> firstUnfit(operand, table).stream()).findFirst();
  }

  private static boolean isFit(Comparison comparison, Table table) {
    Optional<ColumnType> type = table.find(comparison.column());
    return type.isPresent()
        && operatorFits(comparison, type.get().family())
        && values(comparison.value()).stream()
            .map(literal -> Bindings.typed(literal, type.get()))
            .allMatch(Optional<Typed>::isPresent);
  }

  private static boolean operatorFits(Comparison comparison, ColumnType.Family family) {
    return switch (comparison.operator()) {
      case EQ, NE, IN, NOT_IN -> family != ColumnType.Family.OTHER;
      case LT, LE, GT, GE -> family != ColumnType.Family.OTHER && family != ColumnType.Family.TRUTH;
      case CONTAINS, STARTS_WITH, ENDS_WITH -> family == ColumnType.Family.TEXT;
    };
  }

  private static List<Literal> values(Literal literal) {
    return literal instanceof Literal.Many(List<Literal> values) ? values : List.of(literal);
  }
}
