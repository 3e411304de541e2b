// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What somebody asked to see: every term must hold, within a term any value may, and the record was
 * sealed in the span. Read by {@link QueryGrammar}; answered by the store and by {@link #test}, and
 * both give the same.
 *
 * @param from the first moment asked for
 * @param to the end of the last one
 */
public record Query(List<Term> terms, Optional<Bound> from, Optional<Bound> to) {
  public static final Query ALL = new Query(List.of(), Optional.empty(), Optional.empty());

  public Query {
    terms = terms.stream().distinct().toList();
  }

  /**
   * A key, and the values of which any will do, or none may when negated.
   *
   * @param values texts, or ranges where the key is a number's
   */
  public record Term(Key key, boolean negated, List<Value> values) {
    public Term {
      values = values.stream().distinct().toList();
    }

    boolean test(Searchable record) {
      return values.stream().anyMatch(value -> holds(record, value)) != negated;
    }

    private boolean holds(Searchable record, Value value) {
      return switch (value) {
        case Value.Text text when key == Key.TEXT -> text.isIn(record.words());
        case Value.Text text -> record.texts(key).stream().anyMatch(text::matches);
        case Value.Range range -> record.whole(key).stream().anyMatch(range::holds);
      };
    }

    @Override
    public String toString() {
      return (negated ? "-" : "")
          + key.word()
          + ":"
          + values.stream().map(Value::toString).collect(Collectors.joining(","));
    }
  }

  /**
   * An end of the span.
   *
   * @param typed as it was written, such as {@code now-15m}
   * @param at what it meant when it was read: inclusive for the first, exclusive for the last
   */
  public record Bound(String typed, Instant at) {}

  /** Whether the record is asked for. */
  public boolean test(Searchable record) {
    return from.stream().noneMatch(first -> record.at().isBefore(first.at()))
        && to.stream().allMatch(end -> record.at().isBefore(end.at()))
        && terms.stream().allMatch(term -> term.test(record));
  }

  public boolean isEmpty() {
    return terms.isEmpty() && from.isEmpty() && to.isEmpty();
  }

  /** Whether records that are still to be sealed can match. */
  public boolean reaches(Instant now) {
    return to.stream().allMatch(end -> end.at().isAfter(now));
  }

  /** The same for records sealed from now on: equal for queries that ask the same of those. */
  public Query onwards(Instant now) {
    return new Query(
        terms.stream().sorted(java.util.Comparator.comparing(Term::toString)).toList(),
        from.filter(first -> first.at().isAfter(now)),
        to);
  }

  /** The same without the terms of this key. */
  public Query without(Key key) {
    return new Query(terms.stream().filter(term -> term.key() != key).toList(), from, to);
  }

  /** The same with these terms too. */
  public Query with(List<Term> more) {
    List<Term> all = new ArrayList<>(terms);
    all.addAll(more);
    return new Query(all, from, to);
  }

  /** The same for another span. */
  public Query within(Optional<Bound> begin, Optional<Bound> end) {
    return new Query(terms, begin, end);
  }

  /** The one term of this key that names whole texts and is not negated, if there is one. */
  public Optional<List<String>> only(Key key) {
    Predicate<Term> plain =
        term ->
            term.key() == key
                && !term.negated()
                && term.values().stream()
                    .allMatch(value -> value instanceof Value.Text text && text.literal());
    return terms.stream()
        .filter(plain)
        .findFirst()
        .map(term ->
            term.values().stream().map(value -> ((Value.Text) value).parts().getFirst()).toList());
  }

  /** The text from which it is read again as the same query. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>(terms.stream().map(Term::toString).toList());
    from.ifPresent(first -> parts.add("from:" + first.typed()));
    to.ifPresent(end -> parts.add("to:" + end.typed()));
    return String.join(" ", parts);
  }
}
