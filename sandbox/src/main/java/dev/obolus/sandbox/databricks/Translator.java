// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Turns Databricks SQL into PostgreSQL, or refuses. What it knows: the words and functions listed
 * here, three-part names, named parameters, and that Databricks sorts NULL first when ascending.
 * Division is refused because the two engines mean different things by it; so is every word that
 * one of them would read as a name and the other not.
 */
final class Translator {
  private static final Set<String> WORDS =
      Set.of(
          "SELECT",
          "DISTINCT",
          "FROM",
          "WHERE",
          "AND",
          "OR",
          "NOT",
          "IN",
          "IS",
          "NULL",
          "AS",
          "ORDER",
          "BY",
          "ASC",
          "DESC",
          "NULLS",
          "FIRST",
          "LAST",
          "LIMIT",
          "OFFSET",
          "CASE",
          "WHEN",
          "THEN",
          "ELSE",
          "END",
          "CAST",
          "TRUE",
          "FALSE",
          "BETWEEN",
          "LIKE",
          "GROUP",
          "HAVING",
          "JOIN",
          "INNER",
          "LEFT",
          "RIGHT",
          "FULL",
          "OUTER",
          "CROSS",
          "ON",
          "UNION",
          "EXCEPT",
          "INTERSECT",
          "ALL",
          "EXISTS",
          "WITH",
          "INSERT",
          "INTO",
          "VALUES",
          "UPDATE",
          "SET",
          "DELETE");

  /** Databricks' own words that are not imitated; as names they would change the meaning. */
  private static final Set<String> REFUSED =
      Set.of(
          "ANTI",
          "ASOF",
          "CLUSTER",
          "CUBE",
          "DISTRIBUTE",
          "DIV",
          "ESCAPE",
          "FETCH",
          "FILTER",
          "FOR",
          "GROUPING",
          "ILIKE",
          "INTERVAL",
          "LATERAL",
          "MINUS",
          "NATURAL",
          "OVER",
          "PIVOT",
          "QUALIFY",
          "REGEXP",
          "RETURNING",
          "RLIKE",
          "ROLLUP",
          "SEMI",
          "SIMILAR",
          "SORT",
          "TABLE",
          "TABLESAMPLE",
          "UNPIVOT",
          "USING",
          "WINDOW");

  private static final Set<String> FIRST_WORDS =
      Set.of("SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE");

  /** PostgreSQL's own columns, which no table at Databricks has. */
  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid");

  private static final Set<String> WHOLE_NUMBERS = Set.of("smallint", "integer", "bigint");

  /** Functions that mean the same here as there, or stand in for theirs in schema {@code spark}. */
  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("COUNT", "count"),
          Map.entry("SUM", "spark.sum"),
          Map.entry("AVG", "spark.avg"),
          Map.entry("ROUND", "spark.round"),
          Map.entry("MIN", "min"),
          Map.entry("MAX", "max"),
          Map.entry("COALESCE", "coalesce"),
          Map.entry("UPPER", "upper"),
          Map.entry("LOWER", "lower"),
          Map.entry("ABS", "abs"),
          Map.entry("TRIM", "btrim"),
          Map.entry("CONCAT", "spark.concat"),
          Map.entry("REPEAT", "spark.repeat"),
          Map.entry("LENGTH", "spark.length"),
          Map.entry("LEFT", "spark.\"left\""),
          Map.entry("RIGHT", "spark.\"right\""),
          Map.entry("SUBSTRING", "spark.substring"),
          Map.entry("CONTAINS", "spark.contains"),
          Map.entry("STARTSWITH", "spark.startswith"),
          Map.entry("ENDSWITH", "spark.endswith"));

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("STRING", "text"),
          Map.entry("TINYINT", "smallint"),
          Map.entry("SMALLINT", "smallint"),
          Map.entry("INT", "integer"),
          Map.entry("BIGINT", "bigint"),
          Map.entry("DOUBLE", "double precision"),
          Map.entry("FLOAT", "real"),
          Map.entry("DECIMAL", "numeric"),
          Map.entry("BOOLEAN", "boolean"),
          Map.entry("DATE", "date"),
          Map.entry("TIMESTAMP", "timestamptz"),
          Map.entry("TIMESTAMP_NTZ", "timestamp"));

  private final List<Token> tokens;
  private final Map<String, Parameter> parameters;
  private final List<Parameter> bound = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();
  private final Deque<Boolean> sorting = new ArrayDeque<>();
  private int at;

  private Translator(List<Token> tokens, Map<String, Parameter> parameters) {
    this.tokens = tokens;
    this.parameters = parameters;
    sorting.push(false);
  }

  static Translated translate(String statement, Map<String, Parameter> parameters) {
    List<Token> tokens = new ArrayList<>(Lexer.tokens(statement));
    if (!tokens.isEmpty() && tokens.getLast().isSymbol(";")) {
      tokens.removeLast();
    }
    if (tokens.isEmpty()) {
      throw SqlFailure.syntax("end of input");
    }
    requireOneStatement(tokens);
    var translator = new Translator(tokens, parameters);
    while (translator.at < tokens.size()) {
      translator.step();
    }
    translator.endSortKey();
    return new Translated(translator.out.toString().strip(), List.copyOf(translator.bound));
  }

  /** What PostgreSQL takes and Databricks does not. */
  private static void requireOneStatement(List<Token> tokens) {
    Token first = tokens.getFirst();
    boolean known =
        first.kind() == Token.Kind.WORD
            && FIRST_WORDS.contains(first.text().toUpperCase(Locale.ROOT));
    if (!known && !first.isSymbol("(")) {
      throw SqlFailure.syntax(first.text());
    }
    for (int i = 1; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      Token before = tokens.get(i - 1);
      boolean partOfName =
          before.isSymbol(".") || (i + 1 < tokens.size() && tokens.get(i + 1).isSymbol("."));
      boolean writes =
          token.isWord("INSERT")
              || token.isWord("UPDATE")
              || token.isWord("DELETE")
              || (token.isWord("INTO") && !before.isWord("INSERT"))
              || (token.isWord("SET") && !first.isWord("UPDATE"));
      boolean distinctOn = token.isWord("ON") && before.isWord("DISTINCT");
      boolean nothingSelected =
          (before.isWord("SELECT") || before.isWord("DISTINCT"))
              && (token.isWord("FROM") || token.isWord("WHERE") || token.isSymbol(")"));
      if (!partOfName && (writes || distinctOn || nothingSelected)) {
        throw SqlFailure.syntax(token.text());
      }
    }
    if (tokens.getLast().isWord("SELECT")) {
      throw SqlFailure.syntax("end of input");
    }
  }

  private void step() {
    Token token = tokens.get(at);
    switch (token.kind()) {
      case STRING -> emit("'" + token.text().replace("'", "''") + "'::text");
      case NUMBER -> emit(token.text());
      case QUOTED -> name(token);
      case PARAMETER -> parameter(token);
      case SYMBOL -> symbol(token);
      case WORD -> word(token);
    }
    at++;
  }

  private void word(Token token) {
    String upper = token.text().toUpperCase(Locale.ROOT);
    boolean partOfName = isSymbolAt(at - 1, ".") || isSymbolAt(at + 1, ".");
    boolean call = isSymbolAt(at + 1, "(") && !partOfName;
    if (call && FUNCTIONS.containsKey(upper)) {
      emit(FUNCTIONS.getOrDefault(upper, upper));
    } else if (!partOfName && upper.equals("CAST")) {
      cast();
    } else if (!partOfName && WORDS.contains(upper)) {
      keyword(upper);
    } else if (!partOfName && REFUSED.contains(upper)) {
      throw SqlFailure.syntax(token.text());
    } else {
      name(token);
    }
  }

  /**
   * Functions are called by the unquoted, unqualified names above and no other: a name is followed
   * by a parenthesis only in {@code INSERT INTO t (a, b)}.
   */
  private void name(Token token) {
    String lower = token.text().toLowerCase(Locale.ROOT);
    boolean engines =
        lower.startsWith("pg_")
            || lower.equals("information_schema")
            || SYSTEM_COLUMNS.contains(lower);
    if (engines || (isSymbolAt(at + 1, "(") && !isTableName())) {
      throw SqlFailure.syntax(token.text());
    }
    emit(identifier(token.text()));
  }

  private boolean isTableName() {
    int start = at;
    while (isSymbolAt(start - 1, ".")) {
      start -= 2;
    }
    return start > 0 && tokens.get(start - 1).isWord("INTO");
  }

  private void keyword(String upper) {
    switch (upper) {
      case "LIMIT", "OFFSET", "UNION", "EXCEPT", "INTERSECT" -> endSortKey();
      case "ORDER" -> startSorting();
      default -> {}
    }
    emit(upper);
  }

  private void startSorting() {
    sorting.pop();
    sorting.push(true);
  }

  private void symbol(Token token) {
    switch (token.text()) {
      case "(" -> sorting.push(false);
      case ")" -> {
        endSortKey();
        if (sorting.size() == 1) {
          throw SqlFailure.syntax(")");
        }
        sorting.pop();
      }
      case "," -> {
        if (sorting.getFirst()) {
          nulls();
        }
      }
      case ";" -> throw SqlFailure.syntax(";");
      default -> {}
    }
    emit(
        switch (token.text()) {
          case "==" -> "=";
          case "!=" -> "<>";
          case "||" -> "OPERATOR(spark.||)";
          default -> token.text();
        });
  }

  private void endSortKey() {
    if (sorting.getFirst()) {
      nulls();
      sorting.pop();
      sorting.push(false);
    }
  }

  /**
   * Databricks: ascending puts NULL first, descending last, unless the statement says otherwise.
   */
  private void nulls() {
    Token before = tokens.get(at - 1);
    if (before.isWord("FIRST") || before.isWord("LAST")) {
      return;
    }
    emit(before.isWord("DESC") ? "NULLS LAST" : "NULLS FIRST");
  }

  private void cast() {
    if (!isSymbolAt(at + 1, "(")) {
      throw SqlFailure.syntax("CAST");
    }
    int close = closing(at + 1);
    int as = close - 1;
    while (as > at && !tokens.get(as).isWord("AS")) {
      as--;
    }
    if (as <= at + 2) {
      throw SqlFailure.syntax("CAST");
    }
    String type = type(tokens.subList(as + 1, close));
    emit(castTo(type));
    at += 2;
    sorting.push(false);
    while (at < as) {
      step();
    }
    sorting.pop();
    emit(
        WHOLE_NUMBERS.contains(type)
            ? ") AS " + type + ")"
            : type.equals("text") ? ")" : "AS " + type + ")");
    at = close;
  }

  /** A cast to text is worded, and one to a whole number cut, as at Databricks. */
  private static String castTo(String type) {
    if (type.equals("text")) {
      return "spark.string(";
    }
    return WHOLE_NUMBERS.contains(type) ? "CAST(spark.whole(" : "CAST(";
  }

  private static String type(List<Token> words) {
    if (words.isEmpty()) {
      throw SqlFailure.syntax("AS");
    }
    String name = words.getFirst().text().toUpperCase(Locale.ROOT);
    String known = TYPES.get(name);
    String rest =
        words.subList(1, words.size()).stream().map(Token::text).reduce("", String::concat);
    boolean sized = name.equals("DECIMAL") && rest.matches("\\(\\d{1,2}(,\\d{1,2})?\\)");
    if (known == null || !(rest.isEmpty() || sized)) {
      throw new SqlFailure(
          "UNSUPPORTED_DATATYPE",
          "0A000",
          "Unsupported data type \"" + name + "\". SQLSTATE: 0A000");
    }
    return known + (name.equals("DECIMAL") && rest.isEmpty() ? "(10,0)" : rest);
  }

  private int closing(int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      if (tokens.get(i).isSymbol("(")) {
        depth++;
      } else if (tokens.get(i).isSymbol(")") && --depth == 0) {
        return i;
      }
    }
    throw SqlFailure.syntax("end of input");
  }

  private void parameter(Token token) {
    Parameter parameter = parameters.get(token.text());
    if (parameter == null) {
      throw new SqlFailure(
          "UNBOUND_SQL_PARAMETER",
          "42P02",
          "Found the unbound parameter: " + token.text() + ". SQLSTATE: 42P02");
    }
    bound.add(parameter);
    emit("CAST(? AS " + type(Lexer.tokens(parameter.type())) + ")");
  }

  private boolean isSymbolAt(int index, String symbol) {
    return index >= 0 && index < tokens.size() && tokens.get(index).isSymbol(symbol);
  }

  private void emit(String piece) {
    out.append(piece).append(piece.equals(".") || isSymbolAt(at + 1, ".") ? "" : " ");
  }

  private static String identifier(String name) {
    return '"' + name.toLowerCase(Locale.ROOT).replace("\"", "\"\"") + '"';
  }

  /**
   * A named parameter as it was sent.
   *
   * @param value null for SQL's NULL
   */
  record Parameter(@org.jspecify.annotations.Nullable String value, String type) {}

  /** The statement for PostgreSQL, and what its question marks stand for. */
  record Translated(String sql, List<Parameter> parameters) {}
}
