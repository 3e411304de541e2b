// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.ResourceName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the obligations that came with one judgement. An obligation may speak only of the resource
 * being judged: a mask of a column that is asked for, a filter by a column that the facts list.
 */
final class ObligationReader {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_VALUES = 1000;
  private final PolicyInput input;
  private final Facts facts;

  ObligationReader(PolicyInput input, Facts facts) {
    this.input = input;
    this.facts = facts;
  }

  Obligation read(JsonNode node) throws UnfitDocument {
    return switch (text(node, "type")) {
      case "row_filter" -> {
        members(node, "resource", "predicate");
        yield new Obligation.RowFilter(judged(node), predicate(node.get("predicate"), 0));
      }
      case "column_mask" -> {
        members(node, "resource", "column", "mask");
        yield new Obligation.ColumnMask(judged(node), asked(node), mask(node.get("mask")));
      }
      case "max_rows" -> {
        members(node, "rows");
        yield new Obligation.MaxRows((int) limit(node.get("rows"), Integer.MAX_VALUE));
      }
      case "max_bytes" -> {
        members(node, "bytes");
        yield new Obligation.MaxBytes(limit(node.get("bytes"), Long.MAX_VALUE));
      }
      default -> throw new UnfitDocument(EngineFault.UNKNOWN_OBLIGATION, "an obligation's type");
    };
  }

  private ResourceName judged(JsonNode node) throws UnfitDocument {
    String name = text(node, "resource");
    return input
        .resource()
        .map(PolicyInput.Resource::name)
        .filter(resource -> resource.value().equals(name))
        .orElseThrow(() -> unfit("an obligation about another resource"));
  }

  private String asked(JsonNode node) throws UnfitDocument {
    String column = text(node, "column");
    require(input.action().columns().contains(column), "a mask of a column not asked for");
    return column;
  }

  private static Mask mask(JsonNode node) throws UnfitDocument {
    return switch (text(node, "type")) {
      case "nullify" -> {
        require(StrictJson.hasExactly(node, Set.of("type"), Set.of()), "a mask");
        yield new Mask.Nullify();
      }
      case "replace" -> {
        require(StrictJson.hasExactly(node, Set.of("type", "text"), Set.of()), "a mask");
        yield new Mask.Replace(text(node, "text"));
      }
      case "partial" -> {
        require(StrictJson.hasExactly(node, Set.of("type", "keep"), Set.of()), "a mask");
        JsonNode keep = node.get("keep");
        require(keep.isInt() && keep.intValue() >= 0 && keep.intValue() <= 64, "keep");
        yield new Mask.Partial(keep.intValue());
      }
      default -> throw unfit("a mask's type");
    };
  }

  private Predicate predicate(JsonNode node, int depth) throws UnfitDocument {
    require(depth < MAX_DEPTH, "a predicate's depth");
    return switch (text(node, "type")) {
      case "field" -> comparison(node);
      case "compound" -> compound(node, depth);
      default -> throw unfit("a predicate's type");
    };
  }

  private Predicate compound(JsonNode node, int depth) throws UnfitDocument {
    require(StrictJson.hasExactly(node, Set.of("type", "operator", "value"), Set.of()), "compound");
    JsonNode value = node.get("value");
    require(value.isArray() && !value.isEmpty(), "an empty compound");
    List<Predicate> operands = new ArrayList<>();
    for (JsonNode operand : value) {
      operands.add(predicate(operand, depth + 1));
    }
    return switch (text(node, "operator")) {
      case "and" -> new Predicate.And(operands);
      case "or" -> new Predicate.Or(operands);
      case "not" -> {
        require(operands.size() == 1, "not takes one operand");
        yield new Predicate.Not(operands.getFirst());
      }
      default -> throw unfit("a compound's operator");
    };
  }

  private Predicate comparison(JsonNode node) throws UnfitDocument {
    require(
        StrictJson.hasExactly(node, Set.of("type", "operator", "field", "value"), Set.of()),
        "a comparison");
    String column = text(node, "field");
    require(
        input.resource().filter(r -> facts.hasColumn(r.name(), column)).isPresent(),
        "a filter by a column that the facts do not list");
    Predicate.Operator operator = operator(text(node, "operator"));
    JsonNode value = node.get("value");
    boolean many = operator == Predicate.Operator.IN || operator == Predicate.Operator.NOT_IN;
    return new Predicate.Comparison(column, operator, many ? list(value) : literal(value));
  }

  private static Predicate.Operator operator(String word) throws UnfitDocument {
    for (Predicate.Operator operator : Predicate.Operator.values()) {
      if (operator.word().equals(word)) {
        return operator;
      }
    }
    throw unfit("a comparison's operator");
  }

  private static Predicate.Literal list(JsonNode node) throws UnfitDocument {
    require(node.isArray() && !node.isEmpty() && node.size() <= MAX_VALUES, "a list of values");
    List<Predicate.Literal> values = new ArrayList<>();
    for (JsonNode each : node) {
      values.add(literal(each));
    }
    return new Predicate.Literal.Many(values);
  }

  private static Predicate.Literal literal(JsonNode node) throws UnfitDocument {
    if (node.isString()) {
      require(StrictJson.wellFormed(node.stringValue()), "a text with a lone surrogate");
      return new Predicate.Literal.Text(node.stringValue());
    }
    if (node.isBoolean()) {
      return new Predicate.Literal.Truth(node.booleanValue());
    }
    require(node.isNumber(), "a value");
    BigDecimal number = node.decimalValue();
    require(Math.abs((long) number.scale()) <= 40 && number.precision() <= 40, "a number's size");
    return new Predicate.Literal.Numeric(number);
  }

  private static long limit(JsonNode node, long most) throws UnfitDocument {
    require(
        node.isIntegralNumber()
            && node.canConvertToLong()
            && node.longValue() >= 1
            && node.longValue() <= most,
        "a limit");
    return node.longValue();
  }

  private static void members(JsonNode node, String... names) throws UnfitDocument {
    Set<String> own = new HashSet<>(Set.of(names));
    own.addAll(Set.of("rule", "type"));
    require(StrictJson.hasExactly(node, own, Set.of()), "an obligation's members");
  }

  private static String text(JsonNode node, String member) throws UnfitDocument {
    JsonNode value = node.path(member);
    require(value.isString() && !value.stringValue().isEmpty(), member);
    return value.stringValue();
  }

  private static void require(boolean condition, String what) throws UnfitDocument {
    if (!condition) {
      throw unfit(what);
    }
  }

  private static UnfitDocument unfit(String detail) {
    return new UnfitDocument(EngineFault.UNFIT_RESULT, detail);
  }
}
