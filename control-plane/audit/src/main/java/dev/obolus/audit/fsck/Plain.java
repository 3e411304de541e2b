// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.util.function.IntPredicate;

/**
 * What the log or a file holds, as text that a person can be shown on a terminal or in a line of a
 * file: it moves no cursor, ends no line, and cannot look like something that it is not.
 */
public final class Plain {
  private Plain() {}

  /**
   * One line: every control, bidirectional, zero-width and line-separating character spelt out as
   * {@code \\u} and its number.
   */
  public static String line(String text) {
    return spelt(text, Plain::hides);
  }

  /** Several lines, whose own ends stay. */
  public static String lines(String text) {
    return spelt(text, c -> c != '\n' && hides(c));
  }

  /** Whether it is a control, bidirectional, zero-width or line-separating character. */
  private static boolean hides(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  private static String spelt(String text, IntPredicate hidden) {
    if (text.codePoints().noneMatch(hidden)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          if (hidden.test(c)) {
            for (char part : Character.toChars(c)) {
              out.append("\\u%04x".formatted((int) part));
            }
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }
}
