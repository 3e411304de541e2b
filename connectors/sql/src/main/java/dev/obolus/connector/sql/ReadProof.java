// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.ColumnReferenceContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.CtesContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.DereferenceContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.FunctionCallContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.IdentifierContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.IdentifierListContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.MultipartIdentifierContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.NamedQueryContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.NonReservedContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.QueryContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.StarContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.StrictNonReservedContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.TableNameContext;

/**
 * Walks a statement's tree, and knows afterwards whether it is proven a read, and of what.
 *
 * <p>Guarantees: every kind of node and every function must be on a list; a name counts as a common
 * table expression only where one of that name is in scope, and is otherwise a listed table in
 * three parts, or the walk ends. Columns are over-estimated, never under-estimated.
 */
final class ReadProof {
  /** A table as it stands in a FROM clause. */
  record Base(TableNameContext place, Table table) {
    String alias() {
      var name = place.tableAlias().strictIdentifier();
      return name == null ? table.simpleName() : unquoted(name.getText());
    }

    boolean renamesColumns() {
      return place.tableAlias().identifierList() != null;
    }
  }

  private static final Set<Integer> TELLING =
      Set.of(
          SqlBaseLexer.LATERAL,
          SqlBaseLexer.RECURSIVE,
          SqlBaseLexer.IDENTIFIER_KW,
          SqlBaseLexer.CLUSTER,
          SqlBaseLexer.DISTRIBUTE,
          SqlBaseLexer.SORT,
          SqlBaseLexer.NATURAL,
          SqlBaseLexer.TABLE);

  private final Catalogue catalogue;
  private final List<Base> bases = new ArrayList<>();
  private final Set<String> mentioned = new HashSet<>();
  private boolean star;
  private boolean proven = true;
  private boolean collects;
  private boolean aggregates;
  private int queries;

  private ReadProof(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** Throws {@link Unfit} where a relation is none of the listed tables. */
  static ReadProof of(QueryContext query, Catalogue catalogue) {
    var proof = new ReadProof(catalogue);
    proof.visit(query, Set.of());
    return proof;
  }

  boolean isProven() {
    return proven;
  }

  boolean collects() {
    return collects;
  }

  boolean aggregates() {
    return aggregates;
  }

  /** How many queries there are, the outermost one included. */
  int queries() {
    return queries;
  }

  List<Base> bases() {
    return bases;
  }

  /** Each table once, with the columns that the statement may mention. */
  Map<Table, Set<String>> touched() {
    var touched = new LinkedHashMap<Table, Set<String>>();
    for (Base base : bases) {
      touched.computeIfAbsent(base.table(), _ -> new LinkedHashSet<>()).addAll(columns(base));
    }
    return touched;
  }

  /** In the table's order; at least one, so that rows can be counted. */
  List<String> columns(Base base) {
    List<String> all = List.copyOf(base.table().columns().keySet());
    if (star || base.renamesColumns()) {
      return all;
    }
    List<String> some = all.stream().filter(mentioned::contains).toList();
    return some.isEmpty() ? List.of(all.getFirst()) : some;
  }

  private void visit(ParseTree tree, Set<String> names) {
    switch (tree) {
      case QueryContext query -> query(query, names);
      case TableNameContext table -> relation(table, names);
      case TerminalNode token -> token(token);
      case ParserRuleContext context -> {
        note(context);
        visitAll(context, names);
      }
      default -> proven = false;
    }
  }

  private void visitAll(ParserRuleContext context, Set<String> names) {
    for (int i = 0; i < context.getChildCount(); i++) {
      visit(context.getChild(i), names);
    }
  }

  /** A common table expression is in scope for those after it, not for itself. */
  private void query(QueryContext query, Set<String> outer) {
    queries++;
    var names = new HashSet<>(outer);
    if (query.ctes() != null) {
      query.ctes().children.stream()
          .filter(TerminalNode.class::isInstance)
          .forEach(token -> token((TerminalNode) token));
      for (NamedQueryContext named : query.ctes().namedQuery()) {
        for (ParseTree part : named.children) {
          visit(part, names);
        }
        names.add(lower(named.name.getText()));
      }
    }
    query.children.stream()
        .filter(part -> !(part instanceof CtesContext))
        .forEach(part -> visit(part, names));
  }

  private void relation(TableNameContext place, Set<String> names) {
    MultipartIdentifierContext name = place.identifierReference().multipartIdentifier();
    if (name == null) {
      proven = false;
      return;
    }
    List<String> parts = name.parts.stream().map(part -> unquoted(part.getText())).toList();
    if (parts.size() == 1 && names.contains(lower(parts.getFirst()))) {
      visitAll(place, names);
      return;
    }
    String written = String.join(".", parts);
    boolean threeParts = parts.size() == 3 && parts.stream().noneMatch(part -> part.contains("."));
    Table table =
        catalogue
            .find(written)
            .filter(_ -> threeParts)
            .orElseThrow(() -> Unfit.resource("/statement", written));
    bases.add(new Base(place, table));
    visitAll(place, names);
  }

  private void note(ParserRuleContext context) {
    proven &= SparkNodes.isKnown(context);
    switch (context) {
      case FunctionCallContext call -> function(call);
      case StarContext all -> star |= !isCounted(all);
      case ColumnReferenceContext column -> mentioned.add(lower(column.getText()));
      case DereferenceContext field -> mentioned.add(lower(field.fieldName.getText()));
      case IdentifierListContext list -> list.identifierSeq().ident.forEach(this::mention);
      default -> {}
    }
    aggregates |= SparkNodes.isAggregate(context);
  }

  private void mention(ParserRuleContext identifier) {
    mentioned.add(lower(identifier.getText()));
  }

  private void function(FunctionCallContext call) {
    var kind = SparkFunctions.find(call.functionName().getText());
    proven &= kind.isPresent();
    collects |= kind.filter(k -> k == SparkFunctions.Kind.COLLECTING).isPresent();
    aggregates |= kind.filter(k -> k != SparkFunctions.Kind.SCALAR).isPresent();
  }

  /** {@code count(*)} reads no column. */
  private static boolean isCounted(StarContext star) {
    ParseTree at = star;
    while (at.getParent() != null && at.getParent().getChildCount() == 1) {
      at = at.getParent();
    }
    return at.getParent() instanceof FunctionCallContext call
        && lower(call.functionName().getText()).equals("count")
        && star.getText().equals("*");
  }

  /** A keyword that changes what its clause means, unless it is used as a name. */
  private void token(TerminalNode token) {
    if (TELLING.contains(token.getSymbol().getType())
        && !(token.getParent() instanceof NonReservedContext)
        && !(token.getParent() instanceof StrictNonReservedContext)
        && !(token.getParent() instanceof IdentifierContext)) {
      proven = false;
    }
  }

  static String lower(String identifier) {
    return unquoted(identifier).toLowerCase(Locale.ROOT);
  }

  static String unquoted(String identifier) {
    return identifier.length() > 1 && identifier.startsWith("`") && identifier.endsWith("`")
        ? identifier.substring(1, identifier.length() - 1).replace("``", "`")
        : identifier;
  }
}
