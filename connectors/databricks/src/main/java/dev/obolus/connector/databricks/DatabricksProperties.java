// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.sql.Catalogue;
import dev.obolus.connector.sql.Table;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code obolus.connectors.<id>} with {@code type: databricks}.
 *
 * @param host the workspace, such as {@code https://adb-123.4.azuredatabricks.net}
 * @param scope what the person's token is exchanged for
 * @param tables what may be asked for; whatever is not listed cannot be
 */
record DatabricksProperties(
    @Nullable String host,
    @Nullable String warehouseId,
    @DefaultValue("2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default") String scope,
    @DefaultValue List<TableProperties> tables) {

  /**
   * @param name {@code catalog.schema.table}
   * @param columns each {@code name type}, such as {@code amount decimal(12,2)}, in the order in
   *     which they are answered
   */
  record TableProperties(@Nullable String name, @DefaultValue List<String> columns) {

    Table table() {
      var typed = new LinkedHashMap<String, String>();
      for (String column : columns) {
        String[] words = column.strip().split("\\s+", 2);
        if (words.length != 2 || typed.put(words[0], words[1]) != null) {
          throw new IllegalArgumentException("a column is given once, as name and type: " + column);
        }
      }
      return Table.of(required(name, "tables[].name"), typed);
    }
  }

  Catalogue catalogue() {
    if (tables.isEmpty()) {
      throw new IllegalArgumentException("tables is empty: nothing could be asked for");
    }
    return new Catalogue(tables.stream().map(TableProperties::table).toList());
  }

  String requiredHost() {
    return required(host, "host");
  }

  String requiredWarehouse() {
    return required(warehouseId, "warehouse-id");
  }

  private static String required(@Nullable String value, String name) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
