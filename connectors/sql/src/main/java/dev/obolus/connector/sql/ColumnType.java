// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A column's type as the source declares it, such as {@code decimal(12,2)}.
 *
 * @param sql the source's own words, upper-case
 * @param family what values of it may be compared with
 */
public record ColumnType(String sql, Family family) {
  private static final Pattern SHAPE =
      Pattern.compile("[A-Z][A-Z_]*(\\(\\d{1,3}(,\\d{1,3})?\\))?|(ARRAY|MAP|STRUCT)<.{1,4000}>");

  /**
   * Reads a declared type.
   *
   * @throws IllegalArgumentException where it is no type
   */
  public static ColumnType parse(String text) {
    String sql = text.strip().toUpperCase(Locale.ROOT).replace(" ", "");
    if (!SHAPE.matcher(sql).matches()) {
      throw new IllegalArgumentException("not a column type: " + text);
    }
    int end = sql.indexOf('(');
    return new ColumnType(sql, family(end < 0 ? sql : sql.substring(0, end)));
  }

  private static Family family(String name) {
    return switch (name) {
      case "STRING", "VARCHAR", "CHAR" -> Family.TEXT;
      case "TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT" -> Family.INTEGER;
      case "DECIMAL", "NUMERIC" -> Family.DECIMAL;
      case "FLOAT", "REAL", "DOUBLE" -> Family.FLOATING;
      case "BOOLEAN" -> Family.TRUTH;
      case "DATE" -> Family.DATE;
      case "TIMESTAMP" -> Family.TIMESTAMP;
      case "TIMESTAMP_NTZ" -> Family.LOCAL_TIMESTAMP;
      default -> Family.OTHER;
    };
  }

  /** Types whose values compare with one another without a cast that could fail. */
  public enum Family {
    TEXT,
    INTEGER,
    DECIMAL,
    FLOATING,
    TRUTH,
    DATE,
    TIMESTAMP,
    LOCAL_TIMESTAMP,
    /** Can be read, but neither compared nor ordered by. */
    OTHER;

    boolean isNumeric() {
      return this == INTEGER || this == DECIMAL || this == FLOATING;
    }

    boolean isTemporal() {
      return this == DATE || this == TIMESTAMP || this == LOCAL_TIMESTAMP;
    }
  }
}
