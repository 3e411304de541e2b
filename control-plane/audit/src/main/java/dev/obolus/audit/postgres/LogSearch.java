// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Key;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One search, on one connection. It goes through the log in stretches of rows, small ones first,
 * from where it begins, and stops when the page is full, at the end of the span, or when it has
 * looked at so many rows or for so long: then it says how far it came. So no question takes long,
 * whatever it asks for, and no index is needed but that by time.
 */
final class LogSearch {
  private static final Reach USUAL = new Reach(1_000, 32_000, 1_000_000);
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final String SELECT =
      "SELECT " + RecordRow.COLUMNS + " FROM obolus.audit_log WHERE ";

  private final Connection connection;
  private final Set<String> tenants;
  private final Query query;
  private final int limit;
  private final boolean back;
  private final Reach reach;
  private final long deadline = System.nanoTime() + LONGEST.toNanos();
  private final List<AuditRecord> found = new ArrayList<>();
  private long looked;

  private LogSearch(
      Connection connection,
      Set<String> tenants,
      Query query,
      Page.Start start,
      int limit,
      Reach reach) {
    this.connection = connection;
    this.tenants = tenants;
    this.query = query;
    this.limit = limit;
    this.reach = reach;
    this.back = !(start instanceof Page.Start.NewerThan);
  }

  /**
   * How far it goes, in rows.
   *
   * @param first the first stretch
   * @param longest a later one
   * @param most all of them
   */
  record Reach(int first, int longest, int most) {}

  static Mono<Page> of(
      Connection connection, Set<String> tenants, Query query, Page.Start start, int limit) {
    return of(connection, tenants, query, start, limit, USUAL);
  }

  static Mono<Page> of(
      Connection connection,
      Set<String> tenants,
      Query query,
      Page.Start start,
      int limit,
      Reach reach) {
    LogSearch search = new LogSearch(connection, tenants, query, start, limit, reach);
    return search.on(search.first(start), reach.first()).map(end -> search.page(start, end));
  }

  /** How it ended: with a place from where to go on, or at the end of the log or the span. */
  private record End(Optional<Cursor> unread) {}

  private Cursor first(Page.Start start) {
    return switch (start) {
      case Page.Start.Newest() ->
          query.to().map(to -> Cursor.before(to.at())).orElse(Cursor.after(farthest()));
      case Page.Start.OlderThan(Cursor place) ->
          query
              .to()
              .map(to -> Cursor.before(to.at()))
              .filter(to -> to.compareTo(place) < 0)
              .orElse(place);
      case Page.Start.NewerThan(Cursor place) ->
          query
              .from()
              .map(from -> Cursor.before(from.at()))
              .filter(from -> from.compareTo(place) > 0)
              .orElse(place);
    };
  }

  private static Instant farthest() {
    return Instant.parse("9999-12-31T23:59:59.999999Z");
  }

  private Mono<End> on(Cursor place, int rows) {
    return pinned()
        ? stretch(place, OptionalLong.empty()).map(more -> new End(Optional.empty()))
        : edge(place, rows)
            .flatMap(edge -> stretch(place, edge).flatMap(full -> next(edge, full, rows)));
  }

  private Mono<End> next(OptionalLong edge, boolean full, int rows) {
    if (full || edge.isEmpty() || beyond(edge.getAsLong())) {
      return Mono.just(new End(Optional.empty()));
    }
    looked += rows;
    Instant at = Instant.EPOCH.plus(edge.getAsLong(), ChronoUnit.MICROS);
    Cursor unread = back ? Cursor.before(at) : Cursor.after(at);
    return looked >= reach.most() || System.nanoTime() - deadline > 0
        ? Mono.just(new End(Optional.of(unread)))
        : on(unread, Math.min(rows * 8, reach.longest()));
  }

  /** An index leads there at once: no need to go in stretches. */
  private boolean pinned() {
    return query.only(Key.DECISION).isPresent();
  }

  private boolean beyond(long edge) {
    return back
        ? query.from().stream().anyMatch(from -> edge < Conditions.micros(from.at()))
        : query.to().stream().anyMatch(to -> edge >= Conditions.micros(to.at()));
  }

  /** The time at which the stretch ends; empty where the log ends before. */
  private Mono<OptionalLong> edge(Cursor place, int rows) {
    return Flux.from(
            connection
                .createStatement(
                    "SELECT obolus." + (back ? "audit_look_back" : "audit_look_ahead") + "($1, $2)")
                .bind(0, place.micros())
                .bind(1, rows)
                .execute())
        .concatMap(result -> result.map((row, _) -> edge(row.get(0, Long.class))))
        .next();
  }

  private static OptionalLong edge(@org.jspecify.annotations.Nullable Long micros) {
    return micros == null ? OptionalLong.empty() : OptionalLong.of(micros);
  }

  /** Takes what matches in it; whether that is more than the page holds. */
  private Mono<Boolean> stretch(Cursor place, OptionalLong edge) {
    Conditions conditions = new Conditions().tenants(tenants).query(query);
    Conditions _ = back ? conditions.olderThan(place) : conditions.newerThan(place);
    edge.ifPresent(micros -> {
      Conditions _ = back ? conditions.from(micros) : conditions.upTo(micros);
    });
    String direction = back ? " DESC" : "";
    String order =
        " ORDER BY at_us"
            + direction
            + ", chain"
            + direction
            + ", seq"
            + direction
            + " LIMIT "
            + (limit + 1 - found.size());
    return Flux.<Result>from(conditions.statement(connection, SELECT, order).execute())
        .concatMap(result -> result.map(RecordRow::read))
        .collectList()
        .map(records -> {
          found.addAll(records);
          return found.size() > limit;
        });
  }

  private Page page(Page.Start start, End end) {
    boolean full = found.size() > limit;
    List<AuditRecord> shown = full ? found.subList(0, limit) : found;
    Optional<Cursor> onward = full ? Optional.of(Cursor.of(shown.getLast())) : end.unread();
    Optional<Instant> searchedTo = end.unread().filter(unread -> !full).map(Cursor::at);
    Optional<Cursor> behind =
        shown.isEmpty() ? place(start) : place(start).map(from -> Cursor.of(shown.getFirst()));
    List<AuditRecord> told =
        shown.stream().filter(record -> tenants.containsAll(record.tenants())).toList();
    return back
        ? new Page(told, onward, behind, searchedTo)
        : new Page(told.reversed(), behind, onward, searchedTo);
  }

  private static Optional<Cursor> place(Page.Start start) {
    return switch (start) {
      case Page.Start.Newest() -> Optional.empty();
      case Page.Start.OlderThan(Cursor place) -> Optional.of(place);
      case Page.Start.NewerThan(Cursor place) -> Optional.of(place);
    };
  }
}
