// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The tables that may be asked for. What is not listed here cannot be. */
public final class Catalogue {
  private final Map<String, Table> tables = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException where two tables have one name
   */
  public Catalogue(Collection<Table> tables) {
    for (Table table : tables) {
      if (this.tables.put(table.name().value(), table) != null) {
        throw new IllegalArgumentException("listed twice: " + table.name());
      }
    }
  }

  /** Looks a three-part name up, whatever its case. */
  Optional<Table> find(String name) {
    return Optional.ofNullable(tables.get(name.toLowerCase(Locale.ROOT)));
  }
}
