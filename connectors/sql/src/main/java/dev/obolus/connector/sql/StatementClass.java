// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.terms.ActionClass;
import java.util.List;
import org.antlr.v4.runtime.Token;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;

/** The class of a statement that is not proven a read: told by its words, never read. */
final class StatementClass {
  private StatementClass() {}

  static ActionClass of(List<Token> tokens) {
    if (isSeveral(tokens)) {
      return ActionClass.EXECUTE;
    }
    ActionClass first = of(tokens.getFirst());
    boolean startsLikeAQuery =
        tokens.getFirst().getType() == SqlBaseLexer.WITH
            || tokens.getFirst().getType() == SqlBaseLexer.FROM;
    return startsLikeAQuery
        ? tokens.stream()
            .map(StatementClass::of)
            .filter(c -> c == ActionClass.WRITE || c == ActionClass.DELETE)
            .findFirst()
            .orElse(first)
        : first;
  }

  private static boolean isSeveral(List<Token> tokens) {
    int last = tokens.size() - 2;
    while (last >= 0 && tokens.get(last).getType() == SqlBaseLexer.SEMICOLON) {
      last--;
    }
    return tokens.stream().limit(last + 1L).anyMatch(t -> t.getType() == SqlBaseLexer.SEMICOLON);
  }

  private static ActionClass of(Token token) {
    return switch (token.getText().toUpperCase(java.util.Locale.ROOT)) {
      case "INSERT", "UPDATE", "MERGE", "COPY", "LOAD" -> ActionClass.WRITE;
      case "DELETE", "TRUNCATE", "DROP", "VACUUM", "PURGE" -> ActionClass.DELETE;
      case "CREATE",
          "ALTER",
          "GRANT",
          "REVOKE",
          "DENY",
          "SET",
          "RESET",
          "UNSET",
          "ANALYZE",
          "OPTIMIZE",
          "REFRESH",
          "CACHE",
          "UNCACHE",
          "CLEAR",
          "COMMENT",
          "REPLACE",
          "RESTORE",
          "REORG",
          "MSCK",
          "REPAIR",
          "SYNC",
          "UNDROP",
          "USE" ->
          ActionClass.ADMIN;
      default -> ActionClass.EXECUTE;
    };
  }
}
