// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

import java.math.BigDecimal;
import java.util.List;

/**
 * A condition on the columns of one resource, in UCAST's shape (field and compound conditions; see
 * the "UCAST syntax" page of OPA's data-filter documentation).
 *
 * <p>Guarantees: no compound is empty, so there is no accidental "everything".
 */
public sealed interface Predicate {

  /** {@code column operator value}. */
  record Comparison(String column, Operator operator, Literal value) implements Predicate {
    public Comparison {
      if (column.isBlank()) {
        throw new IllegalArgumentException("a comparison names a column");
      }
      boolean many = operator == Operator.IN || operator == Operator.NOT_IN;
      if (many != value instanceof Literal.Many) {
        throw new IllegalArgumentException("in and nin take a list, the others a single value");
      }
    }
  }

  /** All of the operands hold. */
  record And(List<Predicate> operands) implements Predicate {
    public And {
      operands = atLeastOne(operands);
    }
  }

  /** At least one of the operands holds. */
  record Or(List<Predicate> operands) implements Predicate {
    public Or {
      operands = atLeastOne(operands);
    }
  }

  /** The operand does not hold (and is not unknown). */
  record Not(Predicate operand) implements Predicate {}

  /** UCAST's operators. */
  enum Operator {
    EQ("eq"),
    NE("ne"),
    LT("lt"),
    LE("lte"),
    GT("gt"),
    GE("gte"),
    IN("in"),
    NOT_IN("nin"),
    CONTAINS("contains"),
    STARTS_WITH("startswith"),
    ENDS_WITH("endswith");

    private final String word;

    Operator(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** A constant. There is no null: a comparison with null is never true, so it is refused. */
  sealed interface Literal {
    record Text(String value) implements Literal {}

    record Numeric(BigDecimal value) implements Literal {}

    record Truth(boolean value) implements Literal {}

    /** The list that {@code in} and {@code nin} take: not empty, and not nested. */
    record Many(List<Literal> values) implements Literal {
      public Many {
        values = List.copyOf(values);
        if (values.isEmpty() || values.stream().anyMatch(Many.class::isInstance)) {
          throw new IllegalArgumentException("a list of values is flat and not empty");
        }
      }
    }
  }

  private static List<Predicate> atLeastOne(List<Predicate> operands) {
    if (operands.isEmpty()) {
      throw new IllegalArgumentException("an empty compound restricts nothing");
    }
    return List.copyOf(operands);
  }
}
