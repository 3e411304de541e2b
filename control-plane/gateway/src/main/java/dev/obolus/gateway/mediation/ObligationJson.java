// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.Predicate.Literal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** Obligations with their values as JSON, members in order: what the log commits to. */
final class ObligationJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ObligationJson() {}

  static String of(List<Obligation> obligations) {
    return JSON.writeValueAsString(obligations.stream().map(ObligationJson::tree).toList());
  }

  private static Map<String, Object> tree(Obligation obligation) {
    return switch (obligation) {
      case Obligation.RowFilter(var resource, Predicate predicate) ->
          members(obligation, Map.of("resource", resource.value(), "ucast", tree(predicate)));
      case Obligation.ColumnMask(var resource, String column, Mask mask) ->
          members(
              obligation,
              Map.of("resource", resource.value(), "column", column, "mask", tree(mask)));
      case Obligation.MaxRows(int rows) -> members(obligation, Map.of("rows", rows));
      case Obligation.MaxBytes(long bytes) -> members(obligation, Map.of("bytes", bytes));
    };
  }

  private static Map<String, Object> members(Obligation obligation, Map<String, Object> own) {
    var members = new TreeMap<>(own);
    members.put("type", obligation.kind().word());
    return members;
  }

  private static Map<String, Object> tree(Predicate predicate) {
    return switch (predicate) {
      case Predicate.Comparison(String column, var operator, Literal value) ->
          new TreeMap<>(
              Map.of(
                  "type",
                  "field",
                  "field",
                  column,
                  "operator",
                  operator.word(),
                  "value",
                  value(value)));
      case Predicate.And(List<Predicate> operands) -> compound("and", operands);
      case Predicate.Or(List<Predicate> operands) -> compound("or", operands);
      case Predicate.Not(Predicate operand) -> compound("not", List.of(operand));
    };
  }

  private static Map<String, Object> compound(String operator, List<Predicate> operands) {
    List<Map<String, Object>> trees = operands.stream().map(ObligationJson::tree).toList();
    return new TreeMap<>(Map.of("type", "compound", "operator", operator, "value", trees));
  }

  private static Object value(Literal literal) {
    return switch (literal) {
      case Literal.Text(String text) -> text;
      case Literal.Numeric(var number) -> number;
      case Literal.Truth(boolean truth) -> truth;
      case Literal.Many(List<Literal> values) ->
          values.stream().map(ObligationJson::value).toList();
    };
  }

  private static Map<String, Object> tree(Mask mask) {
    return switch (mask) {
      case Mask.Nullify _ -> Map.of("type", "nullify");
      case Mask.Replace(String text) -> new TreeMap<>(Map.of("type", "replace", "text", text));
      case Mask.Partial(int keep) -> new TreeMap<>(Map.of("type", "partial", "keep", keep));
    };
  }
}
