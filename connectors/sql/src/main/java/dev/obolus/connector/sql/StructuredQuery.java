// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.DataRequest;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A read of one table, asked for in parts: ours to write, and so a read by construction. */
record StructuredQuery(
    DataRequest request,
    Table table,
    List<String> columns,
    Optional<Predicate> filter,
    List<Order> order,
    Optional<Integer> limit)
    implements SqlPlan {

  record Order(String column, boolean descending) {}

  @Override
  public ActionClass actionClass() {
    return ActionClass.READ;
  }

  @Override
  public List<AccessPlan.Touched> resources() {
    return List.of(new AccessPlan.Touched(table.name(), mentioned()));
  }

  @Override
  public Optional<String> statement() {
    return Optional.of(render(List.of(), request.limits()).described());
  }

  @Override
  public Set<Obligation.Kind> honours() {
    return Set.of(Obligation.Kind.values());
  }

  @Override
  public boolean meets(Obligation obligation) {
    return SafeTable.canMeet(table, obligation);
  }

  @Override
  public BoundStatement render(List<Obligation> obligations, DataRequest.Limits limits) {
    for (Obligation obligation : obligations) {
      if (!meets(obligation)) {
        throw new UnmetObligation(obligation);
      }
    }
    var bindings = new Bindings();
    DataRequest.Limits bounds = Bounds.of(obligations, limits);
    String text =
        "SELECT "
            + columns.stream().map(Table::quote).collect(Collectors.joining(", "))
            + " FROM "
            + new SafeTable(table, obligations).render(mentioned(), table.simpleName(), bindings)
            + filter
                .map(f -> " WHERE " + new PredicateRenderer(table, bindings).render(f))
                .orElse("")
            + orderBy()
            + " LIMIT "
            + Math.min(limit.orElse(Integer.MAX_VALUE), bounds.rows() + 1);
    return new BoundStatement(text, bindings.parameters(), columns, bounds);
  }

  private String orderBy() {
    return order.isEmpty()
        ? ""
        : order.stream()
            .map(o -> Table.quote(o.column()) + (o.descending() ? " DESC" : " ASC"))
            .collect(Collectors.joining(", ", " ORDER BY ", ""));
  }

  private Set<String> mentioned() {
    var mentioned = new LinkedHashSet<>(columns);
    filter.ifPresent(f ->
        PredicateRenderer.columns(
            f, column -> mentioned.add(column.toLowerCase(java.util.Locale.ROOT))));
    order.forEach(o -> mentioned.add(o.column()));
    return mentioned;
  }
}
