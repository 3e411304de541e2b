// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.Planning.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CodePointCharStream;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.misc.Interval;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser;
import org.apache.spark.sql.catalyst.parser.SqlBaseParser.SingleStatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A caller's statement as the source's own grammar reads it.
 *
 * <p>Guarantees: what costs much to parse is refused before it is parsed, by counting tokens; a
 * literal that another reading of the language would end elsewhere is refused; comments are dropped
 * here and never sent.
 */
final class SparkText {
  static final int MAX_LENGTH = 20_000;
  private static final int MAX_TOKENS = 4_000;
  private static final int MAX_DEPTH = 40;
  private static final int MAX_RUN = 20;
  private static final Set<Integer> OPENING =
      Set.of(
          SqlBaseLexer.LEFT_PAREN,
          SqlBaseLexer.LEFT_BRACKET,
          SqlBaseLexer.CASE,
          SqlBaseLexer.BEGIN);
  private static final Set<Integer> CLOSING =
      Set.of(SqlBaseLexer.RIGHT_PAREN, SqlBaseLexer.RIGHT_BRACKET, SqlBaseLexer.END);

  /** What the parser descends into for each one of, with no closing counterpart. */
  private static final Set<Integer> DEEPENING =
      Set.of(
          SqlBaseLexer.NOT,
          SqlBaseLexer.BANG,
          SqlBaseLexer.MINUS,
          SqlBaseLexer.PLUS,
          SqlBaseLexer.TILDE);

  private static final Set<Integer> RARE =
      Set.of(SqlBaseLexer.ARROW, SqlBaseLexer.EXPLAIN, SqlBaseLexer.ARRAY, SqlBaseLexer.MAP);

  private final List<Token> tokens;

  private SparkText(List<Token> tokens) {
    this.tokens = tokens;
  }

  static SparkText read(String text) {
    if (text.length() > MAX_LENGTH) {
      throw refused(Fault.OUT_OF_RANGE, "The statement is too long.");
    }
    var lexer = new SqlBaseLexer(new UpperCased(text));
    lexer.removeErrorListeners();
    var tokens = new ArrayList<Token>();
    for (Token token = lexer.nextToken(); ; token = lexer.nextToken()) {
      requirePlain(token);
      if (token.getChannel() == Token.DEFAULT_CHANNEL) {
        tokens.add(token);
      }
      if (tokens.size() > MAX_TOKENS) {
        throw refused(Fault.OUT_OF_RANGE, "The statement is too long.");
      }
      if (token.getType() == Token.EOF) {
        break;
      }
    }
    if (lexer.has_unclosed_bracketed_comment) {
      throw refused(Fault.UNSUPPORTED, "A comment is not closed.");
    }
    requireShallow(tokens);
    return new SparkText(tokens);
  }

  /** The statement's tree; null where it is not one statement of the grammar. */
  @Nullable SingleStatementContext parse() {
    var parser = new SqlBaseParser(new CommonTokenStream(new ListTokenSource(tokens)));
    parser.removeErrorListeners();
    parser.setErrorHandler(new BailErrorStrategy());
    // The full prediction can take exponential time on hostile text; what this one cannot read is
    // not proven a read.
    parser.getInterpreter().setPredictionMode(PredictionMode.SLL);
    try {
      return parser.singleStatement();
    } catch (ParseCancellationException _) {
      return null;
    }
  }

  /** All but the end, in order; a tree's token indices point into it. */
  List<Token> tokens() {
    return tokens;
  }

  private static void requirePlain(Token token) {
    String text = token.getText();
    boolean literal = token.getType() == SqlBaseLexer.STRING_LITERAL;
    if (token.getType() == SqlBaseLexer.DOUBLEQUOTED_STRING) {
      throw refused(Fault.UNSUPPORTED, "Texts stand in single quotes.");
    }
    if (literal && (text.charAt(0) != '\'' || text.contains("\\'"))) {
      throw refused(
          Fault.UNSUPPORTED, "Raw texts and escaped quotes are not taken; double the quote.");
    }
    if (!literal
        && token.getType() != Token.EOF
        && text.codePoints().anyMatch(SparkText::isHidden)) {
      throw refused(Fault.UNSUPPORTED, "A control or invisible character stands outside a text.");
    }
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\t' && c != '\n' && c != '\r';
      case Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      case Character.SPACE_SEPARATOR -> c != ' ';
      default -> false;
    };
  }

  private static void requireShallow(List<Token> tokens) {
    int depth = 0;
    int run = 0;
    int rare = 0;
    for (Token token : tokens) {
      int type = token.getType();
      depth += OPENING.contains(type) ? 1 : CLOSING.contains(type) ? -1 : 0;
      run = DEEPENING.contains(type) ? run + 1 : 0;
      rare += RARE.contains(type) ? 1 : 0;
      if (depth > MAX_DEPTH || run > MAX_RUN || rare > MAX_RUN) {
        throw refused(Fault.OUT_OF_RANGE, "The statement is nested too deep.");
      }
    }
  }

  private static Unfit refused(Fault fault, String detail) {
    return Unfit.argument("/statement", fault, detail);
  }

  /** The grammar's keywords are upper-case; the text itself stays as it is. */
  private static final class UpperCased implements CharStream {
    private final CodePointCharStream stream;

    UpperCased(String text) {
      this.stream = CharStreams.fromString(text);
    }

    @Override
    public int LA(int offset) {
      int c = stream.LA(offset);
      return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
    }

    @Override
    public String getText(Interval interval) {
      return stream.getText(interval);
    }

    @Override
    public void consume() {
      stream.consume();
    }

    @Override
    public int mark() {
      return stream.mark();
    }

    @Override
    public void release(int marker) {
      stream.release(marker);
    }

    @Override
    public int index() {
      return stream.index();
    }

    @Override
    public void seek(int index) {
      stream.seek(index);
    }

    @Override
    public int size() {
      return stream.size();
    }

    @Override
    public String getSourceName() {
      return "statement";
    }
  }
}
