// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditReader.Query;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an operator asked to see. Every term must hold; within a term any value may.
 *
 * <p>It is both a predicate on lines and a query to the store. The query may select more than the
 * predicate, never less, so reading by {@link #query} and keeping what {@link #test} accepts gives
 * the same lines as the live tail shows.
 */
public record Filter(List<Term> terms) {
  public static final Filter NONE = new Filter(List.of());

  /** The keys that can be asked for. */
  public enum Key {
    EFFECT,
    EVENT,
    USER,
    AGENT,
    CLIENT,
    CONNECTOR,
    OPERATION,
    ACTION,
    RESOURCE,
    LABEL,
    REASON,
    PURPOSE,
    CONVERSATION,
    DECISION,
    REV,
    CHAIN;

    /** As typed. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A key, and the values of which any will do, or none may when negated. */
  public record Term(Key key, boolean negated, Set<Value> values) {
    public Term {
      var sorted = new TreeSet<>(Comparator.comparing(Value::text));
      sorted.addAll(values);
      values = java.util.Collections.unmodifiableSortedSet(sorted);
    }

    boolean test(Entry entry) {
      var present = entry.values(key);
      return values.stream().anyMatch(v -> present.stream().anyMatch(v::matches)) != negated;
    }

    boolean literal() {
      return !negated && values.stream().noneMatch(Value::globbed);
    }

    Set<String> texts() {
      return values.stream().map(Value::text).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String toString() {
      return (negated ? "-" : "")
          + key.word()
          + ":"
          + values.stream().map(Value::quoted).collect(Collectors.joining(","));
    }
  }

  /** A value, in which {@code *} stands for anything. */
  public record Value(String text) {
    boolean globbed() {
      return text.indexOf('*') >= 0;
    }

    boolean matches(String candidate) {
      return globbed() ? pattern().matcher(candidate).matches() : text.equals(candidate);
    }

    private Pattern pattern() {
      return Pattern.compile(
          Pattern.quote(text).replaceAll("\\*+", "\\\\E.*\\\\Q"), Pattern.DOTALL);
    }

    String quoted() {
      return text.chars().anyMatch(c -> c == ' ' || c == ',' || c == '"')
          ? '"' + text.replace("\"", "") + '"'
          : text;
    }
  }

  public Filter {
    terms = terms.stream().sorted(Comparator.comparing(Term::toString)).distinct().toList();
  }

  /** Whether the line is asked for. */
  public boolean test(Entry entry) {
    return terms.stream().allMatch(t -> t.test(entry));
  }

  public boolean isEmpty() {
    return terms.isEmpty();
  }

  /** What the store can narrow down by itself. */
  public Query query(Optional<Instant> before) {
    return new Query(
        events(),
        pushed(Key.EFFECT).filter(s -> !s.contains("error")).orElse(Set.of()),
        pushed(Key.USER).orElse(Set.of()),
        pushed(Key.CLIENT).orElse(Set.of()),
        pushed(Key.CONNECTOR).orElse(Set.of()),
        pushed(Key.RESOURCE).orElse(Set.of()),
        pushed(Key.REASON).orElse(Set.of()),
        Optional.empty(),
        before);
  }

  private Set<String> events() {
    return pushed(Key.EVENT)
        .or(() -> pushed(Key.EFFECT).filter(Set.of("error")::equals).map(e -> Set.of("failed")))
        .orElse(Set.of());
  }

  private Optional<Set<String>> pushed(Key key) {
    return terms.stream().filter(t -> t.key() == key && t.literal()).findFirst().map(Term::texts);
  }

  /** The canonical text: equal for filters that ask the same. */
  @Override
  public String toString() {
    return terms.stream().map(Term::toString).collect(Collectors.joining(" "));
  }
}
