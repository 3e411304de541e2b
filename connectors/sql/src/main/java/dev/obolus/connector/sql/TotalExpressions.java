// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.*;
import org.jspecify.annotations.Nullable;

/**
 * Knows the expressions that cannot fail, whatever the row holds. Under a row filter no other is
 * taken: the source may evaluate a caller's expression before our filter, and an error would then
 * tell of rows that the caller may not see.
 *
 * <p>Guarantees: an expression has a kind only if every value it can meet has been shown to pass
 * without cast, overflow, division or parsing; whatever is not known here has none.
 */
final class TotalExpressions {
  enum Kind {
    TEXT,
    NUMBER,
    TRUTH,
    TIME,
    NOTHING,
    OTHER
  }

  private final Table table;
  private final Map<String, ParserRuleContext> aliases;

  /**
   * @param aliases the select list's own names, lower-case
   */
  TotalExpressions(Table table, Map<String, ParserRuleContext> aliases) {
    this.table = table;
    this.aliases = aliases;
  }

  boolean isTotal(ParseTree tree) {
    return kind(tree).isPresent();
  }

  private Optional<Kind> kind(@Nullable ParseTree tree) {
    return switch (tree) {
      case null -> Optional.empty();
      case NamedExpressionContext named -> kind(named.expression());
      case SortItemContext item -> kind(item.expression());
      case ParenthesizedExpressionContext inner -> kind(inner.expression());
      case LogicalNotContext not -> all(Kind.TRUTH, Kind.TRUTH, not.booleanExpression());
      case LogicalBinaryContext both -> all(Kind.TRUTH, Kind.TRUTH, both.left, both.right);
      case PredicatedContext test when test.predicate() != null ->
          predicate(test.valueExpression(), test.predicate());
      case ComparisonContext test -> compared(test.left, test.right);
      case ColumnReferenceContext column -> column(ReadProof.lower(column.getText()));
      case DereferenceContext field -> column(ReadProof.lower(field.fieldName.getText()));
      case StarContext _ -> Optional.of(Kind.OTHER);
      case NumericLiteralContext _ -> Optional.of(Kind.NUMBER);
      case StringLiteralContext _ -> Optional.of(Kind.TEXT);
      case BooleanLiteralContext _ -> Optional.of(Kind.TRUTH);
      case NullLiteralContext _ -> Optional.of(Kind.NOTHING);
      case TypeConstructorContext literal -> typed(literal);
      case SearchedCaseContext choice -> choice(choice);
      case FunctionCallContext call -> function(call);
      case ExpressionContext c -> only(c);
      case ValueExpressionDefaultContext c -> only(c);
      case PredicatedContext c -> only(c);
      case ConstantDefaultContext c -> only(c);
      case FunctionArgumentContext c -> only(c);
      default -> Optional.empty();
    };
  }

  private Optional<Kind> only(ParserRuleContext context) {
    return context.getChildCount() == 1 ? kind(context.getChild(0)) : Optional.empty();
  }

  private Optional<Kind> column(String name) {
    Optional<ColumnType> type = table.find(name);
    if (type.isPresent()) {
      return Optional.of(kind(type.get().family()));
    }
    ParserRuleContext named = aliases.get(name);
    return named == null || named.getText().equalsIgnoreCase(name) ? Optional.empty() : kind(named);
  }

  private static Kind kind(ColumnType.Family family) {
    return switch (family) {
      case TEXT -> Kind.TEXT;
      case INTEGER, DECIMAL, FLOATING -> Kind.NUMBER;
      case TRUTH -> Kind.TRUTH;
      case DATE, TIMESTAMP, LOCAL_TIMESTAMP -> Kind.TIME;
      case OTHER -> Kind.OTHER;
    };
  }

  private Optional<Kind> predicate(ParserRuleContext value, PredicateContext test) {
    return switch (test.kind.getText().toUpperCase(Locale.ROOT)) {
      case "NULL" -> kind(value).map(_ -> Kind.TRUTH);
      case "TRUE", "FALSE", "UNKNOWN" -> all(Kind.TRUTH, Kind.TRUTH, value);
      case "DISTINCT" -> compared(value, test.right);
      case "BETWEEN" -> compared(value, test.lower).flatMap(_ -> compared(value, test.upper));
      case "IN" ->
          test.query() == null
                  && test.expression().stream().allMatch(e -> compared(value, e).isPresent())
              ? Optional.of(Kind.TRUTH)
              : Optional.empty();
      case "LIKE", "ILIKE" -> like(value, test);
      default -> Optional.empty();
    };
  }

  /** A pattern with a backslash may be an invalid escape, which fails. */
  private Optional<Kind> like(ParserRuleContext value, PredicateContext test) {
    boolean plain =
        test.quantifier == null
            && test.escapeChar == null
            && test.pattern != null
            && text(test.pattern).filter(pattern -> !pattern.contains("\\")).isPresent();
    return plain ? all(Kind.TEXT, Kind.TRUTH, value) : Optional.empty();
  }

  private Optional<Kind> compared(
      @Nullable ParserRuleContext left, @Nullable ParserRuleContext right) {
    Optional<Kind> a = kind(left);
    Optional<Kind> b = kind(right);
    if (left == null || right == null || a.isEmpty() || b.isEmpty()) {
      return Optional.empty();
    }
    return fit(a.get(), b.get(), right) || fit(b.get(), a.get(), left)
        ? Optional.of(Kind.TRUTH)
        : Optional.empty();
  }

  private static boolean fit(Kind a, Kind b, ParserRuleContext right) {
    boolean written = a == Kind.TIME && text(right).filter(Bindings::isTime).isPresent();
    return a != Kind.OTHER && (a == b || a == Kind.NOTHING || written);
  }

  private Optional<Kind> choice(SearchedCaseContext choice) {
    boolean conditions =
        choice.whenClause().stream()
            .allMatch(when -> kind(when.condition).filter(k -> k == Kind.TRUTH).isPresent());
    Stream<ParserRuleContext> results =
        Stream.concat(
            choice.whenClause().stream().map(when -> when.result),
            Stream.ofNullable(choice.elseExpression));
    return conditions ? same(results.toList()) : Optional.empty();
  }

  private Optional<Kind> function(FunctionCallContext call) {
    List<FunctionArgumentContext> arguments = call.argument;
    if (call.setQuantifier() != null || call.windowSpec() != null || call.where != null) {
      return Optional.empty();
    }
    ParserRuleContext[] all = arguments.toArray(ParserRuleContext[]::new);
    return switch (call.functionName().getText().toLowerCase(Locale.ROOT)) {
      case "upper", "lower", "ucase", "lcase", "initcap", "reverse", "concat" ->
          all(Kind.TEXT, Kind.TEXT, all);
      case "trim", "ltrim", "rtrim" ->
          all.length == 1 ? all(Kind.TEXT, Kind.TEXT, all) : Optional.empty();
      case "length", "len", "char_length", "character_length" -> all(Kind.TEXT, Kind.NUMBER, all);
      case "startswith", "endswith", "contains" -> all(Kind.TEXT, Kind.TRUTH, all);
      case "coalesce", "ifnull", "nvl" -> same(arguments);
      case "isnull", "isnotnull" -> kind(all.length == 1 ? all[0] : null).map(_ -> Kind.TRUTH);
      case "year", "quarter", "month", "day" ->
          table(call) ? all(Kind.TIME, Kind.NUMBER, all) : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** Only a column is a time for sure; a text may be taken for one and fail. */
  private boolean table(FunctionCallContext call) {
    return call.argument.stream().allMatch(a -> table.find(a.getText()).isPresent());
  }

  private Optional<Kind> same(List<? extends ParserRuleContext> parts) {
    List<Optional<Kind>> kinds =
        parts.stream().map(this::kind).filter(k -> !k.equals(Optional.of(Kind.NOTHING))).toList();
    boolean one = !kinds.isEmpty() && kinds.stream().distinct().count() == 1;
    return one ? kinds.getFirst() : Optional.empty();
  }

  private Optional<Kind> all(Kind wanted, Kind result, ParserRuleContext... parts) {
    for (ParserRuleContext part : parts) {
      if (kind(part).filter(k -> k == wanted || k == Kind.NOTHING).isEmpty()) {
        return Optional.empty();
      }
    }
    return parts.length == 0 ? Optional.empty() : Optional.of(result);
  }

  /** The value of a plain text literal. */
  private static Optional<String> text(ParserRuleContext expression) {
    String text = expression.getText();
    boolean literal =
        text.length() > 1 && text.charAt(0) == '\'' && text.indexOf('\'', 1) == text.length() - 1;
    return literal ? Optional.of(text.substring(1, text.length() - 1)) : Optional.empty();
  }

  private static Optional<Kind> typed(TypeConstructorContext literal) {
    String type = literal.literalType().getText().toUpperCase(Locale.ROOT);
    boolean time = type.equals("DATE") || type.equals("TIMESTAMP");
    return time
            && text((ParserRuleContext) literal.getChild(1)).filter(Bindings::isTime).isPresent()
        ? Optional.of(Kind.TIME)
        : Optional.empty();
  }
}
