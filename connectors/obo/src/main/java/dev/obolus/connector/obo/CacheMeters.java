// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import reactor.core.publisher.Mono;

/**
 * How the cache fares: {@code obolus.obo.cache.requests} by {@code result} (hit, miss, join),
 * {@code obolus.obo.cache.evictions} by {@code cause}, {@code obolus.obo.cache.size}, {@code
 * obolus.obo.purges}, and {@code obolus.obo.exchange} by {@code outcome}, a timer. Codes and kinds
 * only, never a person, tenant or token.
 */
final class CacheMeters {
  private static final String REQUESTS = "obolus.obo.cache.requests";

  private final MeterRegistry meters;
  private final Counter hits;
  private final Counter misses;
  private final Counter joins;
  private final Counter renewals;
  private final Counter purges;

  CacheMeters(MeterRegistry meters) {
    this.meters = meters;
    this.hits = meters.counter(REQUESTS, "result", "hit");
    this.misses = meters.counter(REQUESTS, "result", "miss");
    this.joins = meters.counter(REQUESTS, "result", "join");
    this.renewals = meters.counter("obolus.obo.cache.renewals");
    this.purges = meters.counter("obolus.obo.purges");
  }

  void size(Cache<?, ?> cache) {
    Gauge.builder("obolus.obo.cache.size", cache, Cache::estimatedSize).register(meters);
  }

  void hit() {
    hits.increment();
  }

  void miss() {
    misses.increment();
  }

  void join() {
    joins.increment();
  }

  void renewal() {
    renewals.increment();
  }

  void purge() {
    purges.increment();
  }

  void evicted(RemovalCause cause) {
    meters
        .counter("obolus.obo.cache.evictions", "cause", cause.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  Mono<Exchanged> timed(Mono<Exchanged> exchange) {
    return Mono.defer(() -> {
      Timer.Sample sample = Timer.start(meters);
      return exchange.doOnNext(exchanged ->
          sample.stop(meters.timer("obolus.obo.exchange", "outcome", outcome(exchanged))));
    });
  }

  private static String outcome(Exchanged exchanged) {
    return switch (exchanged) {
      case Exchanged.Issued _ -> "issued";
      case Exchanged.Refused refused -> refused.failure().getClass().getSimpleName();
    };
  }
}
