// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import java.util.HexFormat;
import java.util.Locale;

/**
 * Makes text from the log safe to look at: characters that are invisible, that turn the direction
 * of text, or that control a terminal appear as their code points.
 */
public final class Shown {
  private Shown() {}

  /** The text with every deceiving character spelt out. */
  public static String of(String text) {
    return text.codePoints().noneMatch(Shown::deceives) ? text : spelt(text);
  }

  private static String spelt(String text) {
    var out = new StringBuilder();
    text.codePoints().forEach(c -> append(out, c));
    return out.toString();
  }

  private static void append(StringBuilder out, int codePoint) {
    if (deceives(codePoint)) {
      var hex = HexFormat.of().toHexDigits(codePoint, codePoint > 0xFFFF ? 6 : 4);
      out.append("⟨U+").append(hex.toUpperCase(Locale.ROOT)).append('⟩');
    } else {
      out.appendCodePoint(codePoint);
    }
  }

  private static boolean deceives(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL -> codePoint != '\n' && codePoint != '\t';
      case Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default ->
          codePoint == 0x3164 || codePoint == 0xFFA0 || codePoint == 0x115F || codePoint == 0x1160;
    };
  }
}
