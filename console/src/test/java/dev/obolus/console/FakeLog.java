// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.Searchable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A log in memory: read, followed, and taken away at will. */
public final class FakeLog implements AuditReader, AuditFeed {
  private final List<AuditRecord> records = new ArrayList<>();
  private Sinks.Many<AuditRecord> feed = Sinks.many().multicast().directBestEffort();
  private boolean down;

  @CanIgnoreReturnValue
  public synchronized AuditRecord add(AuditRecord record) {
    records.add(record);
    var unheard = feed.tryEmitNext(record);
    if (unheard.isFailure() && unheard != Sinks.EmitResult.FAIL_ZERO_SUBSCRIBER) {
      throw new IllegalStateException("the feed lost a record: " + unheard);
    }
    return record;
  }

  public synchronized void clear() {
    records.clear();
  }

  public synchronized int size() {
    return records.size();
  }

  /** The database goes away. */
  public synchronized void down() {
    down = true;
    var gone = feed;
    feed = Sinks.many().multicast().directBestEffort();
    gone.emitError(new IllegalStateException("down"), Sinks.EmitFailureHandler.FAIL_FAST);
  }

  public synchronized void up() {
    down = false;
  }

  private synchronized List<AuditRecord> all() {
    if (down) {
      throw new IllegalStateException("down");
    }
    return List.copyOf(records);
  }

  private static boolean shown(Set<String> tenants, AuditRecord record) {
    return tenants.containsAll(record.tenants());
  }

  @Override
  public Mono<Optional<AuditRecord>> find(Set<String> tenants, ChainId chain, long seq) {
    return Mono.fromCallable(() ->
        all().stream()
            .filter(r -> shown(tenants, r) && r.chain().equals(chain) && r.seq() == seq)
            .findFirst());
  }

  @Override
  public Mono<List<AuditRecord>> ofDecision(Set<String> tenants, String decisionId) {
    return Mono.fromCallable(() ->
        all().stream()
            .filter(r -> shown(tenants, r))
            .filter(r -> text(r, "decision_id").equals(List.of(decisionId)))
            .sorted(Comparator.comparingLong(AuditRecord::seq))
            .toList());
  }

  @Override
  public Mono<Page> search(Set<String> tenants, Query query, Page.Start start, int limit) {
    return Mono.fromCallable(() -> {
      boolean back = !(start instanceof Page.Start.NewerThan);
      var order = Comparator.comparing(Cursor::of);
      var found =
          all().stream()
              .filter(r -> shown(tenants, r) && query.test(Searchable.of(r)))
              .filter(r -> beyond(start, Cursor.of(r)))
              .sorted(back ? order.reversed() : order)
              .limit(limit + 1L)
              .toList();
      var page = found.subList(0, Math.min(limit, found.size()));
      Optional<Cursor> onward =
          found.size() > limit ? Optional.of(Cursor.of(page.getLast())) : Optional.empty();
      Optional<Cursor> behind =
          start instanceof Page.Start.Newest || page.isEmpty()
              ? Optional.empty()
              : Optional.of(Cursor.of(page.getFirst()));
      return back
          ? new Page(page, onward, behind, Optional.empty())
          : new Page(page.reversed(), behind, onward, Optional.empty());
    });
  }

  private static boolean beyond(Page.Start start, Cursor record) {
    return switch (start) {
      case Page.Start.Newest() -> true;
      case Page.Start.OlderThan(Cursor place) -> record.compareTo(place) < 0;
      case Page.Start.NewerThan(Cursor place) -> record.compareTo(place) > 0;
    };
  }

  private static List<String> text(AuditRecord record, String name) {
    return switch (record.fields().get(name)) {
      case Field.Text(var value) -> List.of(value);
      case Field.Texts(var values) -> values;
      case null, default -> List.of();
    };
  }

  @Override
  public Mono<Map<ChainId, Long>> heads() {
    return Mono.fromCallable(() -> {
      var heads = new HashMap<ChainId, Long>();
      all().forEach(r -> heads.merge(r.chain(), r.seq(), Math::max));
      return heads;
    });
  }

  @Override
  public Flux<AuditRecord> follow(Map<ChainId, Long> after) {
    return Flux.defer(() -> {
      synchronized (this) {
        var missed =
            all().stream().filter(r -> r.seq() > after.getOrDefault(r.chain(), 0L)).toList();
        return Flux.fromIterable(missed).concatWith(feed.asFlux());
      }
    });
  }
}
