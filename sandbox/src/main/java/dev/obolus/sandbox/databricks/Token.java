// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

/**
 * One word of a statement.
 *
 * @param text of a string or a quoted identifier its content, of others as written
 */
record Token(Kind kind, String text) {
  enum Kind {
    WORD,
    /** An identifier in backticks. */
    QUOTED,
    STRING,
    NUMBER,
    /** {@code :name}. */
    PARAMETER,
    SYMBOL
  }

  boolean isWord(String upperCase) {
    return kind == Kind.WORD && text.equalsIgnoreCase(upperCase);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }
}
