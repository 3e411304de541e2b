// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import java.util.List;
import java.util.stream.Collectors;

/** One of the values of a term. */
public sealed interface Value {

  /**
   * A text.
   *
   * @param parts what stands between the stars; one part is the whole text
   */
  record Text(List<String> parts) implements Value {
    public Text {
      parts = List.copyOf(parts);
    }

    public static Text of(String whole) {
      return new Text(List.of(whole));
    }

    /** Whether nothing in it stands for anything else. */
    public boolean literal() {
      return parts.size() == 1;
    }

    /** Whether the candidate is this text, a star standing for any characters or none. */
    public boolean matches(String candidate) {
      if (literal()) {
        return parts.getFirst().equals(candidate);
      }
      String first = parts.getFirst();
      String last = parts.getLast();
      return candidate.length() >= first.length() + last.length()
          && candidate.startsWith(first)
          && candidate.endsWith(last)
          && inOrder(candidate.substring(first.length(), candidate.length() - last.length()));
    }

    private boolean inOrder(String between) {
      int at = 0;
      for (String part : parts.subList(1, parts.size() - 1)) {
        int found = between.indexOf(part, at);
        if (found < 0) {
          return false;
        }
        at = found + part.length();
      }
      return true;
    }

    /** Whether it is somewhere in the candidate. */
    boolean isIn(String candidate) {
      int at = 0;
      for (String part : parts) {
        int found = candidate.indexOf(part, at);
        if (found < 0) {
          return false;
        }
        at = found + part.length();
      }
      return true;
    }

    @Override
    public String toString() {
      return parts.stream().map(Text::quoted).collect(Collectors.joining("*"));
    }

    private static String quoted(String part) {
      return part.chars().anyMatch(Text::special)
          ? '"' + part.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
          : part;
    }

    private static boolean special(int c) {
      return Character.isWhitespace(c) || c == ',' || c == '"' || c == '*';
    }
  }

  /**
   * Whole numbers.
   *
   * @param from the smallest
   * @param to the largest
   * @param typed as it was written
   */
  record Range(long from, long to, String typed) implements Value {
    boolean holds(long number) {
      return from <= number && number <= to;
    }

    @Override
    public String toString() {
      return typed;
    }
  }
}
