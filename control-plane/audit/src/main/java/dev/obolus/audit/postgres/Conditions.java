// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Key;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.Query.Term;
import dev.obolus.audit.query.Value;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * AND-ed conditions on the view {@code audit_log}. What came from outside is bound, never part of
 * the statement.
 */
final class Conditions {
  private static final String WORDS =
      "lower(concat_ws(E'\\n', event, code, agent, connector, action,"
          + " array_to_string(resources, E'\\n'), array_to_string(labels, E'\\n'),"
          + " array_to_string(reasons, E'\\n'), purpose, conversation, decision_id) COLLATE \"C\")";

  private final List<String> parts = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();

  Conditions tenants(Set<String> tenants) {
    Set<String> visible = new HashSet<>(tenants);
    visible.add("-");
    return add("tenant = ANY(" + bound(visible.toArray(String[]::new)) + ")");
  }

  /** As {@link Query#test} answers of a record. */
  Conditions query(Query query) {
    query.from().ifPresent(from -> add("at_us >= " + bound(micros(from.at()))));
    query.to().ifPresent(to -> add("at_us < " + bound(micros(to.at()))));
    query.terms().forEach(this::term);
    return this;
  }

  private void term(Term term) {
    String any =
        switch (term.key()) {
          case MS -> ranges("took_us", term.values());
          case SEQ -> ranges("seq", term.values());
          case RESOURCE -> array("resources", term.values());
          case LABEL -> array("labels", term.values());
          case RULE -> array("reasons", term.values());
          case CHAIN -> chain(term.values());
          case TEXT -> anyLike(WORDS, patterns(term.values(), "%"));
          case APPROVAL -> "false";
          case FROM, TO -> throw new IllegalArgumentException("a span is no term");
          case EFFECT, EVENT, CODE, USER, AGENT, CLIENT, CONNECTOR, ACTION -> text(term);
          case CLASS, LANE, REV, PURPOSE, CONVERSATION, DECISION, TOKEN, TENANT -> text(term);
        };
    add("(" + any + ")" + (term.negated() ? " IS NOT TRUE" : ""));
  }

  private String text(Term term) {
    return either(
        literals(term.values()),
        whole -> column(term.key()) + " = ANY(" + bound(whole) + ")",
        globs(term.values()),
        patterns -> anyLike(column(term.key()), patterns));
  }

  private static String column(Key key) {
    return switch (key) {
      case EFFECT -> "CASE event WHEN 'failed' THEN 'error' ELSE effect END";
      case USER -> "nullif(person, '-')";
      case CLASS -> "action_class";
      case REV -> "revision";
      case DECISION -> "decision_id";
      case TOKEN -> "token_id";
      case EVENT, CODE, AGENT, CLIENT, CONNECTOR, ACTION, LANE, PURPOSE, CONVERSATION, TENANT ->
          key.word();
      case RESOURCE, LABEL, RULE, MS, SEQ, CHAIN, APPROVAL, TEXT, FROM, TO ->
          throw new IllegalArgumentException("not one text: " + key);
    };
  }

  private String array(String column, List<Value> wanted) {
    return either(
        literals(wanted),
        whole -> column + " && " + bound(whole),
        globs(wanted),
        patterns ->
            "EXISTS (SELECT FROM unnest("
                + column
                + ") AS one WHERE "
                + anyLike("one", patterns)
                + ")");
  }

  private String chain(List<Value> wanted) {
    return either(
        literals(wanted),
        whole ->
            "chain IN ("
                + java.util.Arrays.stream(whole)
                    .map(hex -> bound(ByteBuffer.wrap(java.util.HexFormat.of().parseHex(hex))))
                    .collect(Collectors.joining(", "))
                + ")",
        globs(wanted),
        patterns -> anyLike("encode(chain, 'hex')", patterns));
  }

  private static String either(
      String[] literals,
      java.util.function.Function<String[], String> equal,
      String[] globs,
      java.util.function.Function<String[], String> like) {
    if (globs.length == 0) {
      return equal.apply(literals);
    }
    return literals.length == 0
        ? like.apply(globs)
        : equal.apply(literals) + " OR " + like.apply(globs);
  }

  private String ranges(String column, List<Value> wanted) {
    return wanted.stream()
        .map(Value.Range.class::cast)
        .map(range -> column + " BETWEEN " + bound(range.from()) + " AND " + bound(range.to()))
        .collect(Collectors.joining(" OR "));
  }

  private String anyLike(String column, String[] patterns) {
    return column + " LIKE ANY(" + bound(patterns) + ")";
  }

  private static String[] literals(List<Value> wanted) {
    return wanted.stream()
        .map(Value.Text.class::cast)
        .filter(Value.Text::literal)
        .map(text -> text.parts().getFirst())
        .toArray(String[]::new);
  }

  private static String[] globs(List<Value> wanted) {
    return patterns(wanted.stream().filter(value -> !((Value.Text) value).literal()).toList(), "");
  }

  private static String[] patterns(List<Value> wanted, String around) {
    return wanted.stream()
        .map(value ->
            ((Value.Text) value)
                .parts().stream()
                    .map(Conditions::escaped)
                    .collect(Collectors.joining("%", around, around)))
        .toArray(String[]::new);
  }

  /** Nothing in it stands for anything else in LIKE. */
  private static String escaped(String part) {
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  Conditions olderThan(Cursor place) {
    return beside("<", place);
  }

  Conditions newerThan(Cursor place) {
    return beside(">", place);
  }

  private Conditions beside(String sign, Cursor place) {
    add("at_us " + sign + "= " + bound(place.micros()));
    return add(
        "(at_us, chain, seq) "
            + sign
            + " ("
            + bound(place.micros())
            + ", "
            + bound(ByteBuffer.wrap(place.chain().bytes().toArray()))
            + ", "
            + bound(place.seq())
            + ")");
  }

  Conditions from(long micros) {
    return add("at_us >= " + bound(micros));
  }

  Conditions upTo(long micros) {
    return add("at_us <= " + bound(micros));
  }

  /** A condition whose value comes after it. */
  Conditions add(String condition, Object value) {
    return add(condition + bound(value));
  }

  @CanIgnoreReturnValue
  private Conditions add(String condition) {
    parts.add(condition);
    return this;
  }

  private String bound(Object value) {
    values.add(value);
    return "$" + values.size();
  }

  Statement statement(Connection connection, String select, String order) {
    Statement statement = connection.createStatement(select + String.join(" AND ", parts) + order);
    for (int i = 0; i < values.size(); i++) {
      Statement _ = statement.bind(i, values.get(i));
    }
    return statement;
  }

  static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }
}
