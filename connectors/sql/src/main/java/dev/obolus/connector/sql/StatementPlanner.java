// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.connector.sql.ReadProof.Base;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.ColumnReferenceContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.DereferenceContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.NamedExpressionContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.QueryContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.QueryPrimaryDefaultContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.QueryTermDefaultContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.RegularQuerySpecificationContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.SingleStatementContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.StarContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.StatementDefaultContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.TableNameContext;

/**
 * Plans callers' own statements in Databricks SQL. Only what is proven a read is planned as one;
 * anything else has its class and is never executed.
 */
public final class StatementPlanner {
  private final Catalogue catalogue;

  public StatementPlanner(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** The operation as the catalogue shows it. */
  public static Operation operation(String name) {
    return new Operation(
        name,
        "Run a SELECT",
        """
        Runs one SELECT in Databricks SQL. Tables are named in full (catalog.schema.table); texts \
        stand in single quotes; there are no parameters. Where policy filters rows or masks \
        columns, only a SELECT over one table with WHERE, ORDER BY and LIMIT is answered: use the \
        structured query instead where you can.\
        """,
        ActionClass.READ,
        Lane.OBO,
        List.of(
            new Operation.Argument(
                "statement", Operation.Type.TEXT, true, SparkText.MAX_LENGTH, "One SELECT.")),
        Set.of(Obligation.Kind.values()));
  }

  public Planning plan(DataRequest request) {
    try {
      return new Planning.Planned(read(request));
    } catch (Unfit unfit) {
      return unfit.answer();
    }
  }

  private StatementPlan read(DataRequest request) {
    UcastReader.refuseOthers(request.arguments(), Set.of("statement"), "");
    Object argument = request.arguments().get("statement");
    if (argument == null) {
      throw Unfit.argument("/statement", Fault.MISSING, "Give the statement.");
    }
    if (!(argument instanceof String text)) {
      throw Unfit.type("/statement", "a text");
    }
    SparkText tokens = SparkText.read(text);
    SingleStatementContext tree = tokens.parse();
    return tree != null
            && tree.getChild(0) instanceof StatementDefaultContext statement
            && statement.query() != null
        ? ofQuery(request, text, tokens, statement.query())
        : unproven(request, text, StatementClass.of(tokens.tokens()), List.of());
  }

  private StatementPlan ofQuery(
      DataRequest request, String text, SparkText tokens, QueryContext query) {
    ReadProof proof = ReadProof.of(query, catalogue);
    List<AccessPlan.Touched> touched =
        proof.touched().entrySet().stream()
            .map(entry -> new AccessPlan.Touched(entry.getKey().name(), entry.getValue()))
            .toList();
    if (!proof.isProven()) {
      return unproven(request, text, StatementClass.of(tokens.tokens()), touched);
    }
    var rewrite = StatementRewrite.of(tokens.tokens(), proof, query.queryOrganization());
    return new StatementPlan(
        request, text, ActionClass.READ, touched, honours(proof, query), Optional.of(rewrite));
  }

  private static StatementPlan unproven(
      DataRequest request, String text, ActionClass actionClass, List<AccessPlan.Touched> touched) {
    return new StatementPlan(request, text, actionClass, touched, Set.of(), Optional.empty());
  }

  private static Set<Obligation.Kind> honours(ReadProof proof, QueryContext query) {
    var honours = EnumSet.of(Obligation.Kind.MAX_BYTES);
    if (!proof.collects()) {
      honours.add(Obligation.Kind.MAX_ROWS);
    }
    simple(proof, query)
        .ifPresent(select -> {
          honours.add(Obligation.Kind.COLUMN_MASK);
          if (isTotal(select, query, proof.bases().getFirst())) {
            honours.add(Obligation.Kind.ROW_FILTER);
          }
        });
    return honours;
  }

  /** One SELECT over one base table, with WHERE, ORDER BY and LIMIT at most. */
  private static Optional<RegularQuerySpecificationContext> simple(
      ReadProof proof, QueryContext query) {
    boolean one =
        proof.queries() == 1
            && proof.bases().size() == 1
            && !proof.bases().getFirst().renamesColumns()
            && !proof.aggregates();
    if (!one
        || !(query.queryTerm() instanceof QueryTermDefaultContext term)
        || !(term.queryPrimary() instanceof QueryPrimaryDefaultContext primary)
        || !(primary.querySpecification() instanceof RegularQuerySpecificationContext select)
        || select.selectClause().setQuantifier() != null
        || select.fromClause().relation().size() != 1
        || !select.fromClause().relation(0).relationExtension().isEmpty()
        || !(select.fromClause().relation(0).relationPrimary() instanceof TableNameContext)) {
      return Optional.empty();
    }
    requireKnownColumns(select, query, proof.bases().getFirst());
    return Optional.of(select);
  }

  private static boolean isTotal(
      RegularQuerySpecificationContext select, QueryContext query, Base base) {
    Map<String, ParserRuleContext> aliases = aliases(select);
    if (aliases.keySet().stream().anyMatch(alias -> base.table().find(alias).isPresent())) {
      return false;
    }
    var total = new TotalExpressions(base.table(), aliases);
    return expressions(select, query).allMatch(total::isTotal);
  }

  private static Stream<ParserRuleContext> expressions(
      RegularQuerySpecificationContext select, QueryContext query) {
    return Stream.of(
            select.selectClause().namedExpressionSeq().namedExpression().stream(),
            Stream.ofNullable(select.whereClause()).map(where -> where.booleanExpression()),
            query.queryOrganization().order.stream())
        .flatMap(part -> part);
  }

  private static Map<String, ParserRuleContext> aliases(RegularQuerySpecificationContext select) {
    var aliases = new HashMap<String, ParserRuleContext>();
    for (NamedExpressionContext named :
        select.selectClause().namedExpressionSeq().namedExpression()) {
      if (named.name != null) {
        aliases.put(ReadProof.lower(named.name.getText()), named.expression());
      }
    }
    return aliases;
  }

  private static void requireKnownColumns(
      RegularQuerySpecificationContext select, QueryContext query, Base base) {
    Set<String> aliases = aliases(select).keySet();
    expressions(select, query).forEach(tree -> requireKnownColumns(tree, base, aliases));
  }

  private static void requireKnownColumns(ParseTree tree, Base base, Set<String> aliases) {
    switch (tree) {
      case ColumnReferenceContext column ->
          requireKnown(ReadProof.lower(column.getText()), base, aliases);
      case DereferenceContext field
          when field.base instanceof ColumnReferenceContext qualifier
              && ReadProof.lower(qualifier.getText()).equalsIgnoreCase(base.alias()) ->
          requireKnown(ReadProof.lower(field.fieldName.getText()), base, Set.of());
      case StarContext star
          when star.qualifiedName() != null
              && !ReadProof.lower(star.qualifiedName().getText()).equalsIgnoreCase(base.alias()) ->
          throw Unfit.column("/statement", base.table());
      case DereferenceContext _ -> throw Unfit.column("/statement", base.table());
      default -> {
        for (int i = 0; i < tree.getChildCount(); i++) {
          requireKnownColumns(tree.getChild(i), base, aliases);
        }
      }
    }
  }

  private static void requireKnown(String column, Base base, Set<String> aliases) {
    if (base.table().find(column).isEmpty() && !aliases.contains(column)) {
      throw Unfit.column("/statement", base.table());
    }
  }
}
