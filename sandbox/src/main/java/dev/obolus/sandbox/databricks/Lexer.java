// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Cuts a statement into tokens by Databricks' rules: backticks quote identifiers, both kinds of
 * quotes are strings with backslash escapes, comments vanish.
 */
final class Lexer {
  private static final Set<String> PAIRS = Set.of("<=", ">=", "<>", "!=", "==", "||");
  private static final String SINGLES = "(),.*+-=<>;";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String statement) {
    var lexer = new Lexer(statement);
    while (lexer.skipBlank()) {
      lexer.tokens.add(lexer.next());
    }
    return lexer.tokens;
  }

  private boolean skipBlank() {
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else if (text.startsWith("--", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        if (end < 0 || text.startsWith("/*+", at)) {
          throw SqlFailure.syntax("/*");
        }
        at = end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  private Token next() {
    char c = text.charAt(at);
    if (isNameStart(c)) {
      return new Token(Token.Kind.WORD, run());
    }
    if (Character.isDigit(c)) {
      return number();
    }
    if (c == '\'' || c == '"') {
      return string(c);
    }
    if (c == '`') {
      return quoted();
    }
    if (c == ':' && at + 1 < text.length() && isNameStart(text.charAt(at + 1))) {
      at++;
      return new Token(Token.Kind.PARAMETER, run());
    }
    return symbol();
  }

  private Token symbol() {
    String pair = text.substring(at, Math.min(at + 2, text.length()));
    if (PAIRS.contains(pair)) {
      at += 2;
      return new Token(Token.Kind.SYMBOL, pair);
    }
    char c = text.charAt(at);
    if (SINGLES.indexOf(c) < 0) {
      throw SqlFailure.syntax(String.valueOf(c));
    }
    at++;
    return new Token(Token.Kind.SYMBOL, String.valueOf(c));
  }

  private Token number() {
    int start = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    String digits = text.substring(start, at);
    if (!digits.matches("\\d+(\\.\\d+)?") || (at < text.length() && isNameStart(text.charAt(at)))) {
      throw SqlFailure.syntax(digits);
    }
    return new Token(Token.Kind.NUMBER, digits);
  }

  private Token string(char quote) {
    var content = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != quote) {
      content.append(text.charAt(at) == '\\' ? escaped() : text.charAt(at++));
    }
    if (at >= text.length() || text.startsWith(String.valueOf(quote).repeat(2), at)) {
      throw SqlFailure.syntax(String.valueOf(quote)); // unfinished, or two literals side by side
    }
    at++;
    return new Token(Token.Kind.STRING, content.toString());
  }

  private char escaped() {
    if (at + 1 >= text.length()) {
      throw SqlFailure.syntax("\\");
    }
    char c = text.charAt(at + 1);
    at += 2;
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '\\', '\'', '"' -> c;
      default -> throw SqlFailure.syntax("\\" + c);
    };
  }

  private Token quoted() {
    int end = text.indexOf('`', at + 1);
    if (end < 0 || text.startsWith("``", end)) {
      throw SqlFailure.syntax("`");
    }
    String name = text.substring(at + 1, end);
    at = end + 1;
    return new Token(Token.Kind.QUOTED, name);
  }

  private String run() {
    int start = at;
    while (at < text.length()
        && (isNameStart(text.charAt(at)) || Character.isDigit(text.charAt(at)))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNameStart(char c) {
    return c == '_' || (c < 128 && Character.isLetter(c));
  }
}
