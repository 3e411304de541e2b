// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.Planning.Fault;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.Predicate.Literal;
import dev.obolus.terms.Predicate.Operator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a caller's filter, a UCAST condition as JSON values. Each fault names its place; nothing is
 * skipped, and a member that is not known is refused.
 */
final class UcastReader {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_CONDITIONS = 200;
  private static final int MAX_VALUES = 1_000;
  private static final int MAX_TEXT = 4_096;

  private int conditions;

  Predicate read(Object value, String pointer) {
    return condition(value, pointer, 0);
  }

  private Predicate condition(Object value, String pointer, int depth) {
    if (depth > MAX_DEPTH || ++conditions > MAX_CONDITIONS) {
      throw Unfit.argument(pointer, Fault.OUT_OF_RANGE, "The filter is too deep or too long.");
    }
    if (!(value instanceof Map<?, ?> members)) {
      throw Unfit.type(pointer, "an object");
    }
    return switch (text(members, "type", pointer)) {
      case "field" -> comparison(members, pointer);
      case "compound" -> compound(members, pointer, depth);
      default ->
          throw Unfit.argument(
              pointer + "/type", Fault.OUT_OF_RANGE, "A condition is a field or a compound.");
    };
  }

  private Predicate comparison(Map<?, ?> members, String pointer) {
    refuseOthers(members, Set.of("type", "field", "operator", "value"), pointer);
    String column = text(members, "field", pointer);
    Operator operator = operator(text(members, "operator", pointer), pointer + "/operator");
    Literal literal = literal(required(members, "value", pointer), pointer + "/value");
    boolean many = operator == Operator.IN || operator == Operator.NOT_IN;
    if (column.isBlank() || many != literal instanceof Literal.Many) {
      throw Unfit.type(pointer + "/value", many ? "a list of values" : "a single value");
    }
    return new Predicate.Comparison(column, operator, literal);
  }

  private Predicate compound(Map<?, ?> members, String pointer, int depth) {
    refuseOthers(members, Set.of("type", "operator", "value"), pointer);
    String operator = text(members, "operator", pointer);
    String place = pointer + "/value";
    if (!(required(members, "value", pointer) instanceof List<?> values) || values.isEmpty()) {
      throw Unfit.type(place, "a list of conditions, not empty");
    }
    var operands = new ArrayList<Predicate>();
    for (int i = 0; i < values.size(); i++) {
      operands.add(condition(values.get(i), place + "/" + i, depth + 1));
    }
    if (operator.equals("not") && operands.size() == 1) {
      return new Predicate.Not(operands.getFirst());
    }
    return switch (operator) {
      case "and" -> new Predicate.And(operands);
      case "or" -> new Predicate.Or(operands);
      default ->
          throw Unfit.argument(
              pointer + "/operator", Fault.OUT_OF_RANGE, "This is and, or, or not of one.");
    };
  }

  private static Operator operator(String word, String pointer) {
    return Arrays.stream(Operator.values())
        .filter(operator -> operator.word().equals(word))
        .findFirst()
        .orElseThrow(
            () -> Unfit.argument(pointer, Fault.OUT_OF_RANGE, "There is no such operator."));
  }

  private static Literal literal(Object value, String pointer) {
    if (!(value instanceof List<?> values)) {
      return single(value, pointer);
    }
    if (values.isEmpty() || values.size() > MAX_VALUES) {
      throw Unfit.argument(pointer, Fault.OUT_OF_RANGE, "A list has 1 to 1000 values.");
    }
    var literals = new ArrayList<Literal>();
    for (int i = 0; i < values.size(); i++) {
      literals.add(single(values.get(i), pointer + "/" + i));
    }
    return new Literal.Many(literals);
  }

  private static Literal single(Object value, String pointer) {
    return switch (value) {
      case String text when text.length() > MAX_TEXT ->
          throw Unfit.argument(pointer, Fault.OUT_OF_RANGE, "The text is too long.");
      case String text -> new Literal.Text(text);
      case Long number -> new Literal.Numeric(BigDecimal.valueOf(number));
      case BigDecimal number -> new Literal.Numeric(number);
      case Boolean truth -> new Literal.Truth(truth);
      default -> throw Unfit.type(pointer, "a text, a number or a truth value");
    };
  }

  private static String text(Map<?, ?> members, String name, String pointer) {
    if (required(members, name, pointer) instanceof String text) {
      return text;
    }
    throw Unfit.type(pointer + "/" + name, "a text");
  }

  private static Object required(Map<?, ?> members, String name, String pointer) {
    Object value = members.get(name);
    if (value == null) {
      throw Unfit.argument(pointer + "/" + name, Fault.MISSING, "This member is missing.");
    }
    return value;
  }

  static void refuseOthers(Map<?, ?> members, Set<String> known, String pointer) {
    for (Object name : members.keySet()) {
      if (!known.contains(name)) {
        throw Unfit.argument(
            pointer + "/" + JsonPointers.escape(String.valueOf(name)),
            Fault.UNKNOWN_ARGUMENT,
            "There is no such member.");
      }
    }
  }
}
