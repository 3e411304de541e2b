// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Operation.Argument;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.connector.sql.StructuredQuery.Order;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans structured queries: a table, columns, a filter, an order, a limit. */
public final class StructuredQueryPlanner {
  private static final int MAX_COLUMNS = 200;
  private static final int MAX_ORDER = 16;
  private static final long MAX_LIMIT = 1_000_000;

  private final Catalogue catalogue;

  public StructuredQueryPlanner(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** The operation as the catalogue shows it. */
  public static Operation operation(String name) {
    return new Operation(
        name,
        "Query a table",
        """
        Reads rows of one table. Name the table in full (catalog.schema.table), and the columns \
        you want; leave columns out for all of them. filter is a UCAST condition: \
        {"type":"field","field":"region","operator":"eq","value":"EMEA"} with operators eq ne lt \
        lte gt gte in nin contains startswith endswith, or {"type":"compound","operator":"and", \
        "value":[…]} with and, or, not. order is a list of {"column","direction":"asc|desc"}.\
        """,
        ActionClass.READ,
        Lane.OBO,
        List.of(
            new Argument(
                "table", Operation.Type.TEXT, true, 400, "The table, as catalog.schema.table."),
            new Argument(
                "columns", Operation.Type.TEXTS, false, MAX_COLUMNS, "The columns wanted."),
            new Argument(
                "filter", Operation.Type.OBJECT, false, 0, "Which rows: a UCAST condition."),
            new Argument(
                "order",
                Operation.Type.OBJECTS,
                false,
                MAX_ORDER,
                "How rows are ordered: a list of {\"column\",\"direction\"}."),
            new Argument(
                "limit", Operation.Type.INTEGER, false, 0, "At most so many rows, from 1.")),
        Set.of(Obligation.Kind.values()));
  }

  public Planning plan(DataRequest request) {
    try {
      return new Planning.Planned(read(request));
    } catch (Unfit unfit) {
      return unfit.answer();
    }
  }

  private StructuredQuery read(DataRequest request) {
    Map<String, Object> arguments = request.arguments();
    UcastReader.refuseOthers(arguments, Set.of("table", "columns", "filter", "order", "limit"), "");
    Table table = table(arguments.get("table"));
    try {
      return read(request, arguments, table);
    } catch (Unfit unfit) {
      throw unfit.about(table);
    }
  }

  private static StructuredQuery read(
      DataRequest request, Map<String, Object> arguments, Table table) {
    return new StructuredQuery(
        request,
        table,
        columns(arguments.get("columns"), table),
        filter(arguments.get("filter"), table),
        order(arguments.get("order"), table),
        limit(arguments.get("limit")));
  }

  private Table table(@Nullable Object value) {
    if (value == null) {
      throw Unfit.argument("/table", Fault.MISSING, "Name the table.");
    }
    String name = text(value, "/table");
    return catalogue.find(name).orElseThrow(() -> Unfit.resource("/table", name));
  }

  private static List<String> columns(@Nullable Object value, Table table) {
    if (value == null) {
      return List.copyOf(table.columns().keySet());
    }
    List<?> names = list(value, "/columns", MAX_COLUMNS);
    if (names.isEmpty()) {
      throw Unfit.argument("/columns", Fault.OUT_OF_RANGE, "Name a column, or leave this out.");
    }
    var columns = new LinkedHashSet<String>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(column(names.get(i), "/columns/" + i, table));
    }
    return List.copyOf(columns);
  }

  private static Optional<Predicate> filter(@Nullable Object value, Table table) {
    if (value == null) {
      return Optional.empty();
    }
    Predicate predicate = new UcastReader().read(value, "/filter");
    PredicateRenderer.columns(predicate, column -> requireKnown(column, "/filter", table));
    PredicateRenderer.firstUnfit(predicate, table)
        .ifPresent(comparison -> {
          throw Unfit.ofTable(
              "/filter",
              Fault.WRONG_TYPE,
              table,
              "The column " + comparison.column() + " is not compared so.");
        });
    return Optional.of(predicate);
  }

  private static List<Order> order(@Nullable Object value, Table table) {
    if (value == null) {
      return List.of();
    }
    List<?> items = list(value, "/order", MAX_ORDER);
    var order = new ArrayList<Order>();
    for (int i = 0; i < items.size(); i++) {
      order.add(orderItem(items.get(i), "/order/" + i, table));
    }
    return order;
  }

  private static Order orderItem(Object value, String pointer, Table table) {
    if (!(value instanceof Map<?, ?> members)) {
      throw Unfit.type(pointer, "an object");
    }
    UcastReader.refuseOthers(members, Set.of("column", "direction"), pointer);
    Object named = members.get("column");
    if (named == null) {
      throw Unfit.argument(pointer + "/column", Fault.MISSING, "This member is missing.");
    }
    String column = column(named, pointer + "/column", table);
    if (table.find(column).orElseThrow().family() == ColumnType.Family.OTHER) {
      throw Unfit.ofTable(
          pointer + "/column", Fault.UNSUPPORTED, table, "Rows are not ordered by this column.");
    }
    Object direction = members.get("direction");
    if (direction != null && !"asc".equals(direction) && !"desc".equals(direction)) {
      throw Unfit.argument(pointer + "/direction", Fault.OUT_OF_RANGE, "This is asc or desc.");
    }
    return new Order(column, "desc".equals(direction));
  }

  private static Optional<Integer> limit(@Nullable Object value) {
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Long limit)) {
      throw Unfit.type("/limit", "a whole number");
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Unfit.argument("/limit", Fault.OUT_OF_RANGE, "This is 1 to 1000000.");
    }
    return Optional.of(limit.intValue());
  }

  private static String column(Object value, String pointer, Table table) {
    String column = text(value, pointer);
    requireKnown(column, pointer, table);
    return column.toLowerCase(Locale.ROOT);
  }

  private static void requireKnown(String column, String pointer, Table table) {
    if (table.find(column).isEmpty()) {
      throw Unfit.column(pointer, table);
    }
  }

  private static List<?> list(Object value, String pointer, int most) {
    if (!(value instanceof List<?> items)) {
      throw Unfit.type(pointer, "a list");
    }
    if (items.size() > most) {
      throw Unfit.argument(pointer, Fault.OUT_OF_RANGE, "This has at most " + most + " items.");
    }
    return items;
  }

  private static String text(Object value, String pointer) {
    if (value instanceof String text) {
      return text;
    }
    throw Unfit.type(pointer, "a text");
  }
}
