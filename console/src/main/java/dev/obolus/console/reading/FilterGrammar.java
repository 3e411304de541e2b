// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.console.reading.Filter.Term;
import dev.obolus.console.reading.Filter.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads what an operator typed: {@code key:value}, a comma for "or", a space for "and", {@code
 * -key:} to exclude, {@code "…"} around spaces and commas, {@code *} for anything.
 */
public final class FilterGrammar {
  static final int LONGEST = 500;

  private FilterGrammar() {}

  /** A filter, or a sentence that says what is wrong with the text. */
  public sealed interface Reading {
    record Understood(Filter filter) implements Reading {}

    record Misunderstood(String sentence) implements Reading {}
  }

  /**
   * Reads the text.
   *
   * @param people the pseudonyms of everybody who goes by a name, for {@code user:}
   */
  public static Reading read(String text, Function<String, Set<String>> people) {
    if (text.length() > LONGEST) {
      return new Reading.Misunderstood(
          "The filter is longer than " + LONGEST + " characters. Ask for less at once.");
    }
    try {
      var terms = words(text.strip()).stream().map(word -> term(word, people)).toList();
      return new Reading.Understood(new Filter(terms));
    } catch (NotUnderstood fault) {
      return new Reading.Misunderstood(fault.sentence);
    }
  }

  private static Term term(String word, Function<String, Set<String>> people) {
    boolean negated = word.startsWith("-");
    var rest = negated ? word.substring(1) : word;
    int colon = rest.indexOf(':');
    if (colon < 1) {
      throw new NotUnderstood(
          "“" + Shown.of(word) + "” has no key. Write key:value, such as effect:deny.");
    }
    var key = key(rest.substring(0, colon));
    var values = values(rest.substring(colon + 1));
    if (values.isEmpty()) {
      throw new NotUnderstood("“" + key.word() + ":” has no value after it.");
    }
    return new Term(key, negated, meant(key, values, people));
  }

  private static Set<Value> meant(
      Filter.Key key, List<String> values, Function<String, Set<String>> people) {
    var meant = new LinkedHashSet<Value>();
    for (var value : values) {
      switch (key) {
        case USER -> {
          var pseudonyms = people.apply(value);
          pseudonyms.forEach(p -> meant.add(new Value(p)));
          if (pseudonyms.isEmpty()) {
            meant.add(new Value(value));
          }
        }
        case EFFECT -> meant.add(new Value(effect(value)));
        default -> meant.add(new Value(value));
      }
    }
    return meant;
  }

  private static final List<String> EFFECTS =
      List.of("allow", "deny", "held", "approval_needed", "step_up", "error");

  private static String effect(String typed) {
    if (typed.indexOf('*') < 0 && !EFFECTS.contains(typed)) {
      throw new NotUnderstood(
          "There is no effect “"
              + Shown.of(typed)
              + "”. Did you mean "
              + nearest(typed, EFFECTS)
              + "?");
    }
    return typed.equals("held") ? "approval_needed" : typed;
  }

  private static Filter.Key key(String typed) {
    return Arrays.stream(Filter.Key.values())
        .filter(k -> k.word().equals(typed.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new NotUnderstood(unknown(typed)));
  }

  private static String unknown(String typed) {
    var words = Arrays.stream(Filter.Key.values()).map(Filter.Key::word).toList();
    return "There is no key “" + Shown.of(typed) + "”. Did you mean " + nearest(typed, words) + "?";
  }

  private static String nearest(String typed, List<String> words) {
    return words.stream()
        .min(Comparator.comparingInt(w -> distance(typed.toLowerCase(Locale.ROOT), w)))
        .orElseThrow();
  }

  /** Levenshtein's, on one row. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  /** Splits at spaces outside quotes; the quotes stay. */
  private static List<String> words(String text) {
    return split(text, ' ');
  }

  /** Splits at commas outside quotes, without the quotes. */
  private static List<String> values(String text) {
    return split(text, ',').stream()
        .map(v -> v.replace("\"", ""))
        .filter(v -> !v.isEmpty())
        .toList();
  }

  private static List<String> split(String text, char at) {
    var parts = new ArrayList<String>();
    var part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      quoted ^= c == '"';
      if (c == at && !quoted) {
        add(parts, part);
      } else {
        part.append(c);
      }
    }
    if (quoted) {
      throw new NotUnderstood("A quotation mark is open. Close it with another \".");
    }
    add(parts, part);
    return parts;
  }

  private static void add(List<String> parts, StringBuilder part) {
    if (!part.isEmpty()) {
      parts.add(part.toString());
      part.setLength(0);
    }
  }

  /** Carries the sentence out of the reader. */
  private static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String sentence;

    NotUnderstood(String sentence) {
      super(sentence, null, false, false);
      this.sentence = sentence;
    }
  }

  /** The single value that this key is limited to, if there is one such term. */
  public static Optional<String> only(Filter filter, Filter.Key key) {
    return filter.terms().stream()
        .filter(t -> t.key() == key && t.literal() && t.values().size() == 1)
        .findFirst()
        .map(t -> t.texts().iterator().next());
  }
}
