// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.util.retry.Retry;

/**
 * One who follows a feed to the end of a test, and goes on from its own places when the feed ends,
 * as a console does.
 */
final class Following implements AutoCloseable {
  private final Queue<AuditRecord> told = new ConcurrentLinkedQueue<>();
  private final Map<ChainId, Long> places;
  private final Map<ChainId, Long> from;
  private final AtomicInteger ends = new AtomicInteger();
  private final Disposable subscription;

  Following(AuditFeed feed, Map<ChainId, Long> from) {
    this(feed, from, Duration.ZERO);
  }

  /**
   * @param rest after each of its requests, which are small
   */
  Following(AuditFeed feed, Map<ChainId, Long> from, Duration rest) {
    this.from = Map.copyOf(from);
    this.places = new ConcurrentHashMap<>(from);
    Flux<AuditRecord> records =
        Flux.defer(() -> feed.follow(Map.copyOf(places))).doOnTerminate(ends::incrementAndGet);
    Flux<AuditRecord> followed =
        rest.isZero()
            ? records.doOnNext(this::take)
            : records.doOnNext(this::take).limitRate(7).delayElements(rest);
    this.subscription =
        followed.retryWhen(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(50))).subscribe();
  }

  private void take(AuditRecord record) {
    told.add(record);
    places.put(record.chain(), record.seq());
  }

  List<AuditRecord> told() {
    return List.copyOf(told);
  }

  /** How often the feed ended. */
  int ends() {
    return ends.get();
  }

  void waitFor(long records) {
    until(() -> told.size() >= records);
  }

  /** That each chain was told of from its place to this head, each record once and in order. */
  void isWholeTo(Map<ChainId, Long> heads) {
    until(() ->
        heads.entrySet().stream()
            .allMatch(head -> places.getOrDefault(head.getKey(), 0L) >= head.getValue()));
    Map<ChainId, List<Long>> seqs = new HashMap<>();
    told.forEach(
        record -> seqs.computeIfAbsent(record.chain(), _ -> new ArrayList<>()).add(record.seq()));
    heads.forEach((chain, head) ->
        assertThat(seqs.getOrDefault(chain, List.of()))
            .containsExactlyElementsOf(
                LongStream.rangeClosed(from.getOrDefault(chain, 0L) + 1, head).boxed().toList()));
  }

  @Override
  public void close() {
    subscription.dispose();
  }
}
