// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditReader;
import dev.obolus.console.reading.Entry.Place;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Pages of the log, newest first, by keyset: a page never shifts because records arrived. */
public final class LogPages {
  static final int AT_ONCE = 200;
  static final int FARTHEST = 4_000;

  private final AuditReader reader;

  public LogPages(AuditReader reader) {
    this.reader = reader;
  }

  /**
   * A page of lines.
   *
   * @param older where the next page begins, absent at the end of the log
   * @param searchedTo set when the search was stopped early: nothing older was looked at
   */
  public record Page(List<Entry> entries, Optional<Cursor> older, Optional<Instant> searchedTo) {}

  /** At most {@code size} lines that the filter accepts, older than the cursor. */
  public Mono<Page> page(Set<String> tenants, Filter filter, Optional<Cursor> after, int size) {
    return search(new Search(tenants, filter, size, after, List.of(), 0))
        .flatMap(p -> told(tenants, p));
  }

  private record Search(
      Set<String> tenants,
      Filter filter,
      int size,
      Optional<Cursor> cursor,
      List<Entry> found,
      int read) {}

  private Mono<Page> search(Search search) {
    return reader
        .newest(
            search.tenants(),
            search.filter().query(search.cursor().map(Cursor::justAfter)),
            AT_ONCE)
        .flatMap(records -> judge(search, records.stream().map(Entry::of).toList()));
  }

  private Mono<Page> judge(Search search, List<Entry> read) {
    var fresh =
        read.stream()
            .sorted(Entry.NEWEST_FIRST)
            .filter(e -> search.cursor().map(c -> c.isBefore(e)).orElse(true))
            .toList();
    var found = new ArrayList<>(search.found());
    fresh.stream().filter(search.filter()::test).forEach(found::add);
    if (found.size() > search.size()) {
      var page = found.subList(0, search.size());
      return Mono.just(
          new Page(List.copyOf(page), Optional.of(Cursor.of(page.getLast())), Optional.empty()));
    }
    if (read.size() < AT_ONCE) {
      return Mono.just(new Page(List.copyOf(found), Optional.empty(), Optional.empty()));
    }
    var last =
        fresh.isEmpty()
            ? Cursor.of(read.getLast()).skippingItsInstant()
            : Cursor.of(fresh.getLast());
    int total = search.read() + read.size();
    return total >= FARTHEST
        ? Mono.just(new Page(List.copyOf(found), Optional.of(last), Optional.of(last.at())))
        : search(
            new Search(
                search.tenants(), search.filter(), search.size(), Optional.of(last), found, total));
  }

  /** Outcomes name only their decision: who and what are read from there. */
  private Mono<Page> told(Set<String> tenants, Page page) {
    var known = new HashMap<Place, Entry>();
    page.entries().forEach(e -> known.put(e.place(), e));
    return Flux.fromIterable(page.entries())
        .mapNotNull(e -> e.permit().filter(p -> !known.containsKey(p)).orElse(null))
        .distinct()
        .flatMap(p -> reader.find(tenants, p.chain(), p.seq()), 4)
        .doOnNext(found -> found.map(Entry::of).ifPresent(e -> known.put(e.place(), e)))
        .then(
            Mono.fromSupplier(() -> new Page(told(page, known), page.older(), page.searchedTo())));
  }

  private static List<Entry> told(Page page, Map<Place, Entry> known) {
    return page.entries().stream()
        .map(e -> e.permit().map(known::get).map(e::toldBy).orElse(e))
        .toList();
  }

  /** The last line of a page: the next page begins after it. */
  public record Cursor(Instant at, String chain, long seq) {
    public static Cursor of(Entry entry) {
      return new Cursor(entry.at(), entry.place().chain().toString(), entry.place().seq());
    }

    /** Reads what {@link #toString} wrote. */
    public static Optional<Cursor> parse(String text) {
      var parts = text.split("-", -1);
      if (parts.length != 3 || !text.matches("[0-9]{1,18}-[0-9a-f]{32}-[0-9]{1,18}")) {
        return Optional.empty();
      }
      var at = Instant.EPOCH.plus(Long.parseLong(parts[0]), ChronoUnit.MICROS);
      return Optional.of(new Cursor(at, parts[1], Long.parseLong(parts[2])));
    }

    /** The first instant that the store may leave out. */
    Instant justAfter() {
      return at.plus(1, ChronoUnit.MICROS);
    }

    /** More records than a read takes share this instant: go on below it. */
    Cursor skippingItsInstant() {
      return new Cursor(at.minus(1, ChronoUnit.MICROS), "f".repeat(32), Long.MAX_VALUE);
    }

    boolean isBefore(Entry entry) {
      int byTime = at.compareTo(entry.at());
      int byChain = chain.compareTo(entry.place().chain().toString());
      return byTime > 0
          || (byTime == 0 && (byChain > 0 || (byChain == 0 && seq > entry.place().seq())));
    }

    @Override
    public String toString() {
      return ChronoUnit.MICROS.between(Instant.EPOCH, at) + "-" + chain + "-" + seq;
    }
  }
}
