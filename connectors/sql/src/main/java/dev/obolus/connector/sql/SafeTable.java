// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table as its obligations leave it, written as a derived table: {@code (SELECT … FROM t WHERE …)
 * AS alias}.
 *
 * <p>Guarantees: only the filter of the obligations sees raw values and all rows; everything
 * outside, that is, whatever the caller wrote, sees listed columns, masked where they are masked,
 * of rows that passed. A mask keeps the column's type: a text that the type cannot hold becomes
 * NULL, which hides more.
 */
final class SafeTable {
  private final Table table;
  private final List<Predicate> filters;
  private final Map<String, Mask> masks = new HashMap<>();

  SafeTable(Table table, List<Obligation> obligations) {
    this.table = table;
    this.filters =
        obligations.stream()
            .filter(Obligation.RowFilter.class::isInstance)
            .map(Obligation.RowFilter.class::cast)
            .filter(filter -> filter.resource().equals(table.name()))
            .map(Obligation.RowFilter::predicate)
            .toList();
    obligations.stream()
        .filter(Obligation.ColumnMask.class::isInstance)
        .map(Obligation.ColumnMask.class::cast)
        .filter(mask -> mask.resource().equals(table.name()))
        .forEach(mask ->
            masks.merge(mask.column().toLowerCase(Locale.ROOT), mask.mask(), Mask::stronger));
  }

  /** Whether this obligation on the table can be written at all. */
  static boolean canMeet(Table table, Obligation obligation) {
    return switch (obligation) {
      case Obligation.RowFilter(var _, Predicate predicate) ->
          PredicateRenderer.firstUnfit(predicate, table).isEmpty();
      case Obligation.ColumnMask(var _, String column, Mask _) -> table.find(column).isPresent();
      case Obligation.MaxRows _, Obligation.MaxBytes _ -> true;
    };
  }

  String render(Collection<String> columns, String alias, Bindings bindings) {
    String selected =
        columns.stream().map(column -> column(column, bindings)).collect(Collectors.joining(", "));
    return "(SELECT "
        + selected
        + " FROM "
        + table.quoted()
        + where(bindings)
        + ") AS "
        + Table.quote(alias);
  }

  private String where(Bindings bindings) {
    if (filters.isEmpty()) {
      return "";
    }
    var renderer = new PredicateRenderer(table, bindings);
    return filters.stream()
        .map(renderer::render)
        .collect(Collectors.joining(" AND ", " WHERE ", ""));
  }

  private String column(String column, Bindings bindings) {
    String name = Table.quote(column);
    Mask mask = masks.get(column);
    return mask == null ? name : masked(column, name, mask, bindings) + " AS " + name;
  }

  private String masked(String column, String name, Mask mask, Bindings bindings) {
    ColumnType type = table.find(column).orElseThrow();
    if (type.family() != ColumnType.Family.TEXT) {
      return "CAST(NULL AS " + type.sql() + ")";
    }
    return switch (mask) {
      case Mask.Nullify _ -> "CAST(NULL AS STRING)";
      case Mask.Replace(String text) -> bindings.bindText(text);
      case Mask.Partial(int keep) -> partial(name, keep);
    };
  }

  /** A value that is no longer than what is kept shows nothing. */
  private static String partial(String name, int keep) {
    String all = "repeat('*', length(" + name + "))";
    return keep == 0
        ? all
        : "CASE WHEN length(%1$s) <= %2$d THEN %3$s ELSE concat(repeat('*', length(%1$s) - %2$d), right(%1$s, %2$d)) END"
            .formatted(name, keep, all);
  }
}
