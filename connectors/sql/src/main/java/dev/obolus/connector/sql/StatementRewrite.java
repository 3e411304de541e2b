// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.connector.sql.ReadProof.Base;
import dev.obolus.terms.Obligation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.ExpressionContext;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.QueryOrganizationContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes a proven read from its own tokens: each base table becomes the safe derived table of its
 * listed columns, and the outermost LIMIT becomes ours where ours is smaller. Comments are gone.
 */
final class StatementRewrite {
  private final List<Token> tokens;
  private final ReadProof proof;
  private final Optional<Token> limit;
  private final boolean unlimited;
  private final int limitAt;

  private StatementRewrite(
      List<Token> tokens, ReadProof proof, Optional<Token> limit, boolean unlimited, int limitAt) {
    this.tokens = tokens;
    this.proof = proof;
    this.limit = limit;
    this.unlimited = unlimited;
    this.limitAt = limitAt;
  }

  /** Throws {@link Unfit} where the outermost LIMIT or OFFSET is not a number. */
  static StatementRewrite of(
      List<Token> tokens, ReadProof proof, QueryOrganizationContext organization) {
    Optional<Token> limit = number(organization.limit);
    Optional<Token> offset = number(organization.offset);
    boolean all = organization.ALL() != null;
    int end = end(tokens);
    int at = offset.map(o -> o.getTokenIndex() - 1).orElse(end);
    return new StatementRewrite(tokens, proof, limit, all, at);
  }

  boolean meets(Obligation obligation) {
    return switch (obligation) {
      case Obligation.RowFilter filter -> onlyTable(filter.resource().value(), obligation);
      case Obligation.ColumnMask mask -> onlyTable(mask.resource().value(), obligation);
      case Obligation.MaxRows _, Obligation.MaxBytes _ -> true;
    };
  }

  private boolean onlyTable(String name, Obligation obligation) {
    return proof.bases().size() == 1
        && proof.bases().getFirst().table().name().value().equals(name)
        && SafeTable.canMeet(proof.bases().getFirst().table(), obligation);
  }

  BoundStatement render(List<Obligation> obligations, DataRequest.Limits limits) {
    DataRequest.Limits bounds = Bounds.of(obligations, limits);
    var bindings = new Bindings();
    Map<Integer, Replacement> replacements = tables(obligations, bindings);
    var words = new ArrayList<String>();
    for (int i = 0; i <= end(tokens); i++) {
      if (i == limitAt && limit.isEmpty() && !unlimited) {
        words.add("LIMIT " + (bounds.rows() + 1));
      }
      Replacement replacement = replacements.get(i);
      if (replacement != null) {
        words.add(replacement.text());
        i = replacement.last();
      } else if (i < end(tokens)) {
        words.add(word(i, bounds.rows() + 1));
      }
    }
    return new BoundStatement(String.join(" ", words), bindings.parameters(), List.of(), bounds);
  }

  private String word(int index, int most) {
    Token token = tokens.get(index);
    if (limit.filter(l -> l.getTokenIndex() == index).isPresent()) {
      return String.valueOf(Math.min(Long.parseLong(token.getText()), most));
    }
    boolean all =
        unlimited
            && token.getType() == SqlBaseLexer.ALL
            && tokens.get(index - 1).getType() == SqlBaseLexer.LIMIT;
    return all ? String.valueOf(most) : token.getText();
  }

  private record Replacement(String text, int last) {}

  private Map<Integer, Replacement> tables(List<Obligation> obligations, Bindings bindings) {
    var replacements = new HashMap<Integer, Replacement>();
    for (Base base : proof.bases()) {
      String table =
          new SafeTable(base.table(), obligations)
              .render(proof.columns(base), base.alias(), bindings);
      ParserRuleContext alias = base.place().tableAlias();
      boolean aliased = alias.getChildCount() > 0;
      int last = (aliased ? alias.stop : base.place().identifierReference().stop).getTokenIndex();
      replacements.put(
          base.place().start.getTokenIndex(), new Replacement(table + renamed(base), last));
    }
    return replacements;
  }

  private static String renamed(Base base) {
    return base.renamesColumns()
        ? base.place().tableAlias().identifierList().identifierSeq().ident.stream()
            .map(name -> Table.quote(ReadProof.unquoted(name.getText())))
            .collect(java.util.stream.Collectors.joining(", ", "(", ")"))
        : "";
  }

  private static Optional<Token> number(@Nullable ExpressionContext expression) {
    if (expression == null) {
      return Optional.empty();
    }
    if (expression.start.getTokenIndex() != expression.stop.getTokenIndex()
        || !expression.getText().matches("\\d{1,9}")) {
      throw Unfit.argument("/statement", Fault.UNSUPPORTED, "LIMIT and OFFSET take a number.");
    }
    return Optional.of(expression.start);
  }

  /** The index after the last token that is neither a semicolon nor the end. */
  private static int end(List<Token> tokens) {
    int end = tokens.size();
    while (end > 0
        && (tokens.get(end - 1).getType() == Token.EOF
            || tokens.get(end - 1).getType() == SqlBaseLexer.SEMICOLON)) {
      end--;
    }
    return end;
  }
}
