// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.terms.Predicate.Literal;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects the values of one statement's parameters. A value never stands in the text, and it is
 * bound with the type of the column that it is compared with, so that no cast happens while the
 * source reads rows.
 */
final class Bindings {
  private static final int MAX_DIGITS = 38;
  private final List<BoundStatement.Parameter> parameters = new ArrayList<>();

  List<BoundStatement.Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** Binds a text, and answers the marker to write. */
  String bindText(String value) {
    return bind(new Typed(value, "STRING"));
  }

  /** Binds a literal that {@link #typed} accepted. */
  String bind(Typed value) {
    String name = "p" + parameters.size();
    parameters.add(new BoundStatement.Parameter(name, value.value(), value.type()));
    return ':' + name;
  }

  record Typed(String value, String type) {}

  /** The literal as a value that compares with such a column, if it is one. */
  static Optional<Typed> typed(Literal literal, ColumnType column) {
    return switch (literal) {
      case Literal.Text(String value) -> text(value, column.family());
      case Literal.Numeric(BigDecimal value) -> number(value, column.family());
      case Literal.Truth(boolean value) ->
          column.family() == ColumnType.Family.TRUTH
              ? Optional.of(new Typed(Boolean.toString(value), "BOOLEAN"))
              : Optional.empty();
      case Literal.Many _ -> Optional.empty();
    };
  }

  private static Optional<Typed> text(String value, ColumnType.Family family) {
    return switch (family) {
      case TEXT -> Optional.of(new Typed(value, "STRING"));
      case DATE -> isDate(value) ? Optional.of(new Typed(value, "DATE")) : Optional.empty();
      case TIMESTAMP -> instant(value).map(at -> new Typed(at, "TIMESTAMP"));
      case LOCAL_TIMESTAMP -> localTime(value).map(at -> new Typed(at, "TIMESTAMP_NTZ"));
      case INTEGER, DECIMAL, FLOATING, TRUTH, OTHER -> Optional.empty();
    };
  }

  private static Optional<Typed> number(BigDecimal value, ColumnType.Family family) {
    boolean whole = value.signum() == 0 || value.stripTrailingZeros().scale() <= 0;
    if (!family.isNumeric()
        || value.precision() > MAX_DIGITS
        || Math.abs(value.scale()) > MAX_DIGITS) {
      return Optional.empty();
    }
    if (family == ColumnType.Family.FLOATING) {
      return Optional.of(new Typed(Double.toString(value.doubleValue()), "DOUBLE"));
    }
    if (whole && value.toBigInteger().bitLength() < Long.SIZE) {
      return Optional.of(new Typed(value.toBigInteger().toString(), "BIGINT"));
    }
    BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
    int digits = Math.max(plain.precision(), plain.scale());
    return digits > MAX_DIGITS
        ? Optional.empty()
        : Optional.of(
            new Typed(plain.toPlainString(), "DECIMAL(" + digits + "," + plain.scale() + ")"));
  }

  static boolean isDate(String value) {
    return parses(() -> LocalDate.parse(value));
  }

  static boolean isTime(String value) {
    return isDate(value) || instant(value).isPresent();
  }

  private static Optional<String> instant(String value) {
    if (isDate(value)) {
      return Optional.of(value);
    }
    String iso = value.replace(' ', 'T');
    return parses(() -> OffsetDateTime.parse(iso)) || parses(() -> LocalDateTime.parse(iso))
        ? Optional.of(value)
        : Optional.empty();
  }

  private static Optional<String> localTime(String value) {
    return isDate(value) || parses(() -> LocalDateTime.parse(value.replace(' ', 'T')))
        ? Optional.of(value)
        : Optional.empty();
  }

  private static boolean parses(java.util.function.Supplier<?> parser) {
    try {
      return parser.get() != null;
    } catch (DateTimeParseException _) {
      return false;
    }
  }
}
