// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.terms.ResourceName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * A table that may be asked for, and those of its columns that may be.
 *
 * @param name catalog, schema and table, lower-case
 * @param columns by lower-case name, in the order in which {@code *} answers them
 */
public record Table(ResourceName name, SequencedMap<String, ColumnType> columns) {
  private static final Pattern PART = Pattern.compile("[a-z_][a-z0-9_-]{0,126}");

  public Table {
    var byName = new LinkedHashMap<String, ColumnType>();
    columns.forEach((column, type) -> byName.put(column.toLowerCase(Locale.ROOT), type));
    if (byName.isEmpty() || byName.size() != columns.size()) {
      throw new IllegalArgumentException("a table has columns, each listed once: " + name);
    }
    List<String> parts = parts(name);
    if (parts.size() != 3 || !parts.stream().allMatch(part -> PART.matcher(part).matches())) {
      throw new IllegalArgumentException("a table is named catalog.schema.table: " + name);
    }
    if (!byName.keySet().stream().allMatch(column -> PART.matcher(column).matches())) {
      throw new IllegalArgumentException("a column is named by letters, digits, - and _: " + name);
    }
    columns = Collections.unmodifiableSequencedMap(byName);
  }

  /**
   * A table from its declaration.
   *
   * @param columns name to type, in order
   */
  public static Table of(String name, Map<String, String> columns) {
    var typed = new LinkedHashMap<String, ColumnType>();
    columns.forEach((column, type) -> typed.put(column, ColumnType.parse(type)));
    return new Table(new ResourceName(name.toLowerCase(Locale.ROOT)), typed);
  }

  Optional<ColumnType> find(String column) {
    return Optional.ofNullable(columns.get(column.toLowerCase(Locale.ROOT)));
  }

  /** The last part: what a query calls the table unless it gives another name. */
  String simpleName() {
    return parts(name).getLast();
  }

  /** The name as the source takes it, each part quoted. */
  String quoted() {
    return String.join(".", parts(name).stream().map(Table::quote).toList());
  }

  /** Only for names that passed the pattern above, or were read from a caller's own identifier. */
  static String quote(String identifier) {
    return '`' + identifier.replace("`", "``") + '`';
  }

  private static List<String> parts(ResourceName name) {
    return List.of(name.value().split("\\.", -1));
  }
}
