// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ParserRuleContext;

/**
 * The nodes of Spark's grammar that a read may consist of. Left out: hints, samples, time travel,
 * table-valued functions, TRANSFORM, VALUES, PIVOT, lateral views, streams, pipes, lambdas,
 * parameter markers, IDENTIFIER(…), variables, and whatever a later grammar adds.
 */
final class SparkNodes {
  private static final Set<String> KNOWN =
      words(
          """
          SingleStatement StatementDefault Query Ctes NamedQuery IdentifierList IdentifierSeq
          QueryTermDefault SetOperation SetQuantifier QueryPrimaryDefault Subquery
          RegularQuerySpecification SelectClause NamedExpressionSeq NamedExpression Expression
          FromClause Relation RelationExtension JoinRelation JoinType JoinCriteria TableName
          TableAlias AliasedQuery AliasedRelation IdentifierReference MultipartIdentifier
          WhereClause AggregationClause GroupByClause GroupingAnalytics GroupingElement GroupingSet
          HavingClause QueryOrganization SortItem WindowClause NamedWindow WindowDef WindowRef
          WindowFrame FrameBound ExceptClause MultipartIdentifierList
          LogicalNot LogicalBinary Exists Predicated Predicate ErrorCapturingNot Comparison
          ComparisonOperator ValueExpressionDefault ArithmeticUnary ArithmeticBinary
          CurrentLike SearchedCase SimpleCase WhenClause Cast CastByColon First Last Any_value
          Position ConstantDefault Star RowConstructor SubqueryExpression FunctionCall FunctionName
          QualifiedName FunctionArgument ColumnReference Dereference ParenthesizedExpression Extract
          Substring Trim Timestampadd Timestampdiff DatetimeUnit Subscript
          ErrorCapturingIdentifier RealIdent Identifier UnquotedIdentifier
          QuotedIdentifierAlternative QuotedIdentifier NonReserved StrictNonReserved
          NullLiteral IntervalLiteral Interval ErrorCapturingMultiUnitsInterval MultiUnitsInterval
          UnitInMultiUnits IntervalValue ErrorCapturingUnitToUnitInterval UnitToUnitInterval
          UnitInUnitToUnit TypeConstructor LiteralType NumericLiteral IntegerLiteral DecimalLiteral
          ExponentLiteral BigIntLiteral SmallIntLiteral TinyIntLiteral DoubleLiteral FloatLiteral
          BigDecimalLiteral BooleanLiteral BooleanValue StringLiteral StringLit SingleStringLit
          SingleStringLiteralValue IntegerVal PrimitiveDataType PrimitiveType TrivialPrimitiveType
          NonTrivialPrimitiveType
          """);

  private static final Set<String> AGGREGATE =
      words("First Last Any_value WindowDef WindowRef NamedWindow AggregationClause HavingClause");

  private SparkNodes() {}

  static boolean isKnown(ParserRuleContext context) {
    return KNOWN.contains(name(context));
  }

  /** Makes one row of many, or looks from one row at others. */
  static boolean isAggregate(ParserRuleContext context) {
    return AGGREGATE.contains(name(context));
  }

  static String name(ParserRuleContext context) {
    String name = context.getClass().getSimpleName();
    return name.substring(0, name.length() - "Context".length());
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).collect(Collectors.toUnmodifiableSet());
  }
}
