// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Page.Start;
import dev.obolus.audit.query.Query;
import dev.obolus.console.reading.Entry.Place;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Pages of the log, newest first. */
public final class LogPages {
  private final AuditReader reader;

  public LogPages(AuditReader reader) {
    this.reader = reader;
  }

  /**
   * A page of lines.
   *
   * @param older where the next page begins, absent at the end
   * @param newer where it begins in the other direction
   * @param searchedTo set when the search was stopped early: how far it came
   */
  public record Page(
      List<Entry> entries,
      Optional<Cursor> older,
      Optional<Cursor> newer,
      Optional<Instant> searchedTo) {}

  /** At most {@code size} lines that match. */
  public Mono<Page> page(Set<String> tenants, Query query, Start start, int size) {
    return reader
        .search(tenants, query, start, size)
        .map(LogPages::lines)
        .flatMap(page -> told(tenants, page));
  }

  private static Page lines(dev.obolus.audit.query.Page page) {
    return new Page(
        page.records().stream().map(Entry::of).toList(),
        page.older(),
        page.newer(),
        page.searchedTo());
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
        .then(Mono.fromSupplier(() -> told(page, known)));
  }

  private static Page told(Page page, Map<Place, Entry> known) {
    var told =
        page.entries().stream()
            .map(e -> e.permit().map(known::get).map(e::toldBy).orElse(e))
            .toList();
    return new Page(told, page.older(), page.newer(), page.searchedTo());
  }
}
