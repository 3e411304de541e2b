// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorResult.Column;
import dev.obolus.connector.sql.BoundStatement;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Rows as they come in, chunk by chunk, up to the limits. Used by one call, one chunk at a time.
 */
final class GatheredRows {
  private final BoundStatement statement;
  private final List<Column> columns;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();
  private long bytes;
  private boolean truncated;

  /**
   * @param manifest of the statement's answer
   */
  GatheredRows(BoundStatement statement, JsonNode manifest) {
    this.statement = statement;
    this.columns = columns(manifest);
    this.truncated = manifest.path("truncated").asBoolean(false);
    requireAsked();
  }

  /** Takes a chunk, and answers which one to fetch next, if any is wanted. */
  OptionalInt take(JsonNode result) {
    if (result.has("external_links")) {
      throw malformed("external_links");
    }
    for (JsonNode row : result.path("data_array")) {
      if (rows.size() == statement.limits().rows() || !add(row)) {
        truncated = true;
        return OptionalInt.empty();
      }
    }
    JsonNode next = result.path("next_chunk_index");
    return next.isIntegralNumber() && next.asInt() > 0
        ? OptionalInt.of(next.asInt())
        : OptionalInt.empty();
  }

  List<Column> columns() {
    return columns;
  }

  List<List<@Nullable Object>> rows() {
    return rows;
  }

  boolean isTruncated() {
    return truncated;
  }

  long bytes() {
    return bytes;
  }

  private boolean add(JsonNode row) {
    if (!row.isArray() || row.size() != columns.size()) {
      throw malformed("row");
    }
    var values = new ArrayList<@Nullable Object>(columns.size());
    long size = 0;
    for (int i = 0; i < columns.size(); i++) {
      JsonNode value = row.get(i);
      if (value.isNull()) {
        values.add(null);
      } else {
        String text = value.isString() ? value.asString() : value.toString();
        size += text.getBytes(StandardCharsets.UTF_8).length;
        values.add(typed(text, columns.get(i).type()));
      }
    }
    if (bytes + size > statement.limits().bytes()) {
      return false;
    }
    bytes += size;
    return rows.add(values);
  }

  private static Object typed(String text, String type) {
    try {
      return switch (type) {
        case "BYTE", "SHORT", "INT", "LONG" -> Long.valueOf(text);
        case "DECIMAL" -> new BigDecimal(text);
        case "FLOAT", "DOUBLE" -> isFinite(text) ? new BigDecimal(text) : text;
        case "BOOLEAN" -> truth(text);
        default -> text;
      };
    } catch (NumberFormatException _) {
      throw malformed("value");
    }
  }

  private static boolean isFinite(String text) {
    return Double.isFinite(Double.parseDouble(text));
  }

  private static Boolean truth(String text) {
    return switch (text) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> throw malformed("value");
    };
  }

  private static List<Column> columns(JsonNode manifest) {
    var columns = new ArrayList<Column>();
    for (JsonNode column : manifest.path("schema").path("columns")) {
      columns.add(
          new Column(
              column.path("name").asString(""),
              column.path("type_name").asString("").toUpperCase(Locale.ROOT)));
    }
    if (columns.isEmpty()) {
      throw malformed("manifest");
    }
    return List.copyOf(columns);
  }

  /** Where we know which columns we asked for, no others are answered. */
  private void requireAsked() {
    List<String> names =
        columns.stream().map(column -> column.name().toLowerCase(Locale.ROOT)).toList();
    if (!statement.columns().isEmpty() && !statement.columns().equals(names)) {
      throw malformed("columns");
    }
  }

  private static SourceFailure malformed(String code) {
    return new SourceFailure(new ConnectorFailure.Malformed(code));
  }
}
