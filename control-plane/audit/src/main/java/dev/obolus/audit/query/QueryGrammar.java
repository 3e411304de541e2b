// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import dev.obolus.audit.query.Query.Bound;
import dev.obolus.audit.query.Query.Term;
import dev.obolus.audit.query.Reading.Fault;
import dev.obolus.audit.query.Reading.Misunderstood;
import dev.obolus.audit.query.Reading.Understood;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads what somebody typed: {@code key:value}, a comma for "or", a space for "and", {@code -key:}
 * to exclude, {@code "…"} around spaces, commas and stars ({@code \"} and {@code \\} inside),
 * {@code *} for any characters, {@code > >= < <=} and {@code a..b} for numbers, {@code from:} and
 * {@code to:} for times.
 */
public final class QueryGrammar {
  /** Characters. */
  public static final int LONGEST = 1_000;

  private static final int GLANCE = 60;

  static final int MOST_TERMS = 20;
  static final int MOST_VALUES = 100;
  static final Duration WIDEST = Duration.ofDays(400);

  private final String text;
  private final Instant now;
  private final Function<String, Set<String>> people;
  private final List<Term> terms = new ArrayList<>();
  private Optional<Bound> from = Optional.empty();
  private Optional<Bound> to = Optional.empty();
  private int values;
  private int at;

  private QueryGrammar(String text, Instant now, Function<String, Set<String>> people) {
    this.text = text;
    this.now = now;
    this.people = people;
  }

  /**
   * Reads the text.
   *
   * @param now what {@code now-15m} counts from
   * @param people the pseudonyms of everybody who goes by a name, for {@code user:}
   */
  public static Reading read(String text, Instant now, Function<String, Set<String>> people) {
    try {
      return new Understood(new QueryGrammar(text, now, people).query());
    } catch (NotUnderstood fault) {
      return fault.reading;
    }
  }

  /** Whether it is a person as the log knows one, or the beginning of one with a star. */
  public static boolean isPseudonym(String value) {
    return value.matches("p-[0-9a-f]{32}");
  }

  private Query query() {
    if (text.length() > LONGEST) {
      throw fault(
          Fault.TOO_LONG,
          LONGEST,
          text.length(),
          "The query is longer than " + LONGEST + " characters.",
          "Ask for less at once.");
    }
    for (int i = 0; i < text.length(); i++) {
      checkCharacter(i);
    }
    skipSpace();
    while (at < text.length()) {
      term();
      skipSpace();
    }
    checkSpan();
    return new Query(terms, from, to);
  }

  private void checkCharacter(int i) {
    char c = text.charAt(i);
    boolean half =
        Character.isHighSurrogate(c)
            ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
            : Character.isLowSurrogate(c)
                && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    if (half || (Character.isISOControl(c) && !Character.isWhitespace(c))) {
      throw fault(
          Fault.CHARACTER,
          i,
          i + 1,
          "There is a character here that no record is searched for by (U+%04X)."
              .formatted((int) c),
          "Remove it, or put * in its place.");
    }
  }

  private void term() {
    int begin = at;
    boolean negated = text.charAt(at) == '-';
    int keyFrom = negated ? at + 1 : at;
    int colon = keyFrom;
    while (colon < text.length() && keyCharacter(text.charAt(colon))) {
      colon++;
    }
    if (colon == keyFrom || colon == text.length() || text.charAt(colon) != ':') {
      throw noKey(begin);
    }
    Key key = key(keyFrom, colon);
    at = colon + 1;
    List<Raw> raws = values(begin, key);
    if (key == Key.FROM || key == Key.TO) {
      bound(key, negated, raws, begin);
      return;
    }
    if (terms.size() == MOST_TERMS) {
      throw tooMany(begin, MOST_TERMS + " terms");
    }
    List<Value> meant = new ArrayList<>();
    raws.forEach(raw -> meant.addAll(meant(key, raw)));
    terms.add(new Term(key, negated, meant));
  }

  private static boolean keyCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '_';
  }

  private NotUnderstood noKey(int begin) {
    int end = begin;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    String word = text.substring(begin, end);
    boolean effect = Key.EFFECT.words().contains(small(word));
    return fault(
        Fault.NO_KEY,
        begin,
        end,
        "“" + told(word) + "” has no key.",
        effect
            ? "Did you mean effect:" + small(word) + "?"
            : "Write key:value, such as effect:deny; or text:"
                + told(word.replace("\"", ""))
                + " to look for it everywhere.");
  }

  private Key key(int begin, int end) {
    String typed = text.substring(begin, end);
    return Key.find(typed)
        .orElseThrow(() ->
            fault(
                Fault.UNKNOWN_KEY,
                begin,
                end,
                "There is no key “" + told(typed) + "”.",
                "Did you mean " + nearest(typed, Key.all()) + "?"));
  }

  /** A value as it was typed. */
  private record Raw(int from, int to, List<String> parts) {
    String whole() {
      return String.join("*", parts);
    }

    Value.Text text() {
      return new Value.Text(parts);
    }
  }

  private List<Raw> values(int begin, Key key) {
    List<Raw> raws = new ArrayList<>();
    do {
      Raw raw = value();
      if (!raw.whole().isEmpty()) {
        raws.add(raw);
        if (++values > MOST_VALUES) {
          throw tooMany(raw.from(), MOST_VALUES + " values");
        }
      }
    } while (skip(','));
    if (raws.isEmpty()) {
      throw fault(
          Fault.NO_VALUE,
          begin,
          at,
          "“" + key.word() + ":” has no value after it.",
          "Write one, such as " + key.example() + ".");
    }
    return raws;
  }

  /** Up to a comma or a space that is not in quotes. */
  private Raw value() {
    int begin = at;
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    while (at < text.length()
        && text.charAt(at) != ','
        && !Character.isWhitespace(text.charAt(at))) {
      char c = text.charAt(at++);
      switch (c) {
        case '"' -> quoted(part);
        case '*' -> {
          // two stars are one
          if (parts.isEmpty() || !part.isEmpty()) {
            parts.add(part.toString());
            part.setLength(0);
          }
        }
        default -> part.append(c);
      }
    }
    parts.add(part.toString());
    return new Raw(begin, at, parts);
  }

  private void quoted(StringBuilder part) {
    int open = at - 1;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\'
          && at + 1 < text.length()
          && "\"\\".indexOf(text.charAt(at + 1)) >= 0) {
        at++;
      }
      part.append(text.charAt(at++));
    }
    if (!skip('"')) {
      throw fault(
          Fault.OPEN_QUOTE,
          open,
          text.length(),
          "A quotation mark is open.",
          "Close it with another \".");
    }
  }

  private List<Value> meant(Key key, Raw raw) {
    return switch (key) {
      case USER -> persons(raw);
      case MS -> List.of(range(raw, raw.whole(), MICRO_DIGITS));
      case SEQ -> List.of(range(raw, raw.whole(), 0));
      case CHAIN -> List.of(chain(raw));
      case TEXT -> List.of(new Value.Text(raw.parts().stream().map(QueryGrammar::small).toList()));
      case EFFECT, EVENT, CLASS, LANE -> List.of(word(key, raw));
      default -> List.of(raw.text());
    };
  }

  private List<Value> persons(Raw raw) {
    String whole = raw.whole();
    if (isPseudonym(whole) || (!raw.text().literal() && whole.startsWith("p-"))) {
      return List.of(raw.text());
    }
    Set<String> pseudonyms = raw.text().literal() ? people.apply(whole) : Set.of();
    if (pseudonyms.isEmpty()) {
      throw fault(
          Fault.UNKNOWN_PERSON,
          raw.from(),
          raw.to(),
          "Nobody whom you may see goes by the name “" + told(whole) + "”.",
          "Write the whole name, in quotation marks, or the pseudonym that a record shows.");
    }
    return new TreeSet<>(pseudonyms).stream().<Value>map(Value.Text::of).toList();
  }

  private Value word(Key key, Raw raw) {
    String typed = raw.whole().toLowerCase(Locale.ROOT);
    String meant = typed.equals("held") && key == Key.EFFECT ? "approval_needed" : typed;
    if (raw.text().literal()) {
      if (!key.words().contains(meant)) {
        throw badValue(
            raw,
            "“" + told(raw.whole()) + "” is no " + key.word() + ".",
            "Did you mean " + nearest(typed, key.words()) + "?");
      }
      return Value.Text.of(meant);
    }
    return raw.text();
  }

  private Value chain(Raw raw) {
    String typed = raw.whole().toLowerCase(Locale.ROOT);
    if (raw.text().literal() && !typed.matches("[0-9a-f]{32}")) {
      throw badValue(
          raw,
          "“" + told(raw.whole()) + "” is no whole chain: one has 32 digits.",
          "Write chain:" + told(raw.whole()) + "* for every chain that begins so.");
    }
    return new Value.Text(raw.parts().stream().map(part -> part.toLowerCase(Locale.ROOT)).toList());
  }

  private static final int MICRO_DIGITS = 3;

  /** A number, a comparison or two numbers with {@code ..} between, in units of so many digits. */
  private Value range(Raw raw, String typed, int digits) {
    if (!raw.text().literal()) {
      throw notANumber(raw);
    }
    int dots = typed.indexOf("..");
    if (dots > 0) {
      long first = number(raw, typed.substring(0, dots), digits);
      long last = number(raw, typed.substring(dots + 2), digits);
      if (first > last) {
        throw badValue(
            raw, "“" + told(typed) + "” goes backwards.", "Put the smaller number first.");
      }
      return new Value.Range(first, last, typed);
    }
    for (String sign : List.of(">=", "<=", ">", "<")) {
      if (typed.startsWith(sign)) {
        return compared(sign, number(raw, typed.substring(sign.length()), digits), typed);
      }
    }
    long unit = (long) Math.pow(10, digits - fraction(typed));
    long number = number(raw, typed, digits);
    return new Value.Range(number, number + unit - 1, typed);
  }

  private static Value compared(String sign, long number, String typed) {
    return switch (sign) {
      case ">=" -> new Value.Range(number, Long.MAX_VALUE, typed);
      case ">" -> new Value.Range(number + 1, Long.MAX_VALUE, typed);
      case "<=" -> new Value.Range(Long.MIN_VALUE, number, typed);
      default -> new Value.Range(Long.MIN_VALUE, number - 1, typed);
    };
  }

  private static int fraction(String typed) {
    int point = typed.indexOf('.');
    return point < 0 ? 0 : typed.length() - point - 1;
  }

  private long number(Raw raw, String typed, int digits) {
    if (!typed.matches(digits == 0 ? "[0-9]{1,15}" : "[0-9]{1,12}(\\.[0-9]{1," + digits + "})?")) {
      throw notANumber(raw);
    }
    int point = typed.indexOf('.');
    String whole = point < 0 ? typed : typed.substring(0, point) + typed.substring(point + 1);
    return Long.parseLong(whole + "0".repeat(digits - fraction(typed)));
  }

  private NotUnderstood notANumber(Raw raw) {
    return badValue(
        raw,
        "“" + told(raw.whole()) + "” is no number.",
        "Write one such as 200, >200, <=5 or 100..200.");
  }

  private void bound(Key key, boolean negated, List<Raw> raws, int begin) {
    Raw raw = raws.getFirst();
    if (negated || raws.size() > 1 || (key == Key.FROM ? from : to).isPresent()) {
      throw fault(
          Fault.SPAN,
          begin,
          at,
          "A query has one span of time: one from: and one to:, neither excluded.",
          "Write from:now-1h, or from:2026-11-20 to:2026-11-21.");
    }
    Moment moment =
        Moment.read(raw.whole(), now)
            .filter(read -> raw.text().literal())
            .orElseThrow(() ->
                badValue(
                    raw,
                    "“" + told(raw.whole()) + "” is no time.",
                    "Write now, now-15m (s, m, h, d, w), 2026-11-21 or 2026-11-21T14:31:02, in"
                        + " UTC."));
    if (key == Key.FROM) {
      from = Optional.of(new Bound(raw.whole(), moment.begin()));
    } else {
      to = Optional.of(new Bound(raw.whole(), moment.end()));
    }
  }

  private void checkSpan() {
    Instant end = to.map(Bound::at).orElse(now);
    if (from.isEmpty()) {
      return;
    }
    Instant begin = from.get().at();
    if (to.isPresent() && !begin.isBefore(end)) {
      throw fault(
          Fault.SPAN,
          0,
          text.length(),
          "The span ends before it begins.",
          "Put the earlier time after from: and the later one after to:.");
    }
    if (Duration.between(begin, end).compareTo(WIDEST) > 0) {
      throw fault(
          Fault.SPAN,
          0,
          text.length(),
          "The span is wider than " + WIDEST.toDays() + " days.",
          "Ask for a part of it at a time; or leave from: out and page back.");
    }
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean skip(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  /** ASCII letters made small; others as they are, so that the store does the same. */
  static String small(String text) {
    StringBuilder small = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      small.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
    }
    return small.toString();
  }

  /** What was typed, not longer than can be read at a glance. */
  private static String told(String typed) {
    return typed.length() <= GLANCE ? typed : typed.substring(0, GLANCE) + "…";
  }

  private static String nearest(String typed, List<String> words) {
    String small = typed.toLowerCase(Locale.ROOT);
    return words.stream().min(Comparator.comparingInt(word -> distance(small, word))).orElseThrow();
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

  private NotUnderstood badValue(Raw raw, String sentence, String next) {
    return fault(Fault.BAD_VALUE, raw.from(), raw.to(), sentence, next);
  }

  private NotUnderstood tooMany(int begin, String what) {
    return fault(
        Fault.TOO_MANY,
        begin,
        text.length(),
        "The query has more than " + what + ".",
        "Ask for less at once, or use * for several.");
  }

  private static NotUnderstood fault(Fault fault, int from, int to, String sentence, String next) {
    return new NotUnderstood(new Misunderstood(fault, from, to, sentence, next));
  }

  /** Carries the fault out of the reader. */
  private static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Misunderstood reading;

    NotUnderstood(Misunderstood reading) {
      super(reading.fault().code(), null, false, false);
      this.reading = reading;
    }
  }
}
