// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Purge;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Exchanged tokens, and the exchanges under way.
 *
 * <p>Guarantees: at most one exchange is under way for a key, and whoever stops waiting for it does
 * not stop it; no token is found after its time; what is kept is bounded, and a token of more than
 * four kilobytes counts for several.
 */
final class TokenCache {
  private static final int PART = 4 * 1024;

  private final Cache<CacheKey, Kept> tokens;
  private final ConcurrentMap<CacheKey, CompletableFuture<Exchanged>> underWay =
      new ConcurrentHashMap<>();
  private final InstantSource clock;
  private final CacheMeters meters;

  TokenCache(long most, InstantSource clock, Ticker ticker, CacheMeters meters) {
    this.clock = clock;
    this.meters = meters;
    this.tokens =
        Caffeine.newBuilder()
            .maximumWeight(most)
            .weigher(TokenCache::weight)
            .expireAfter(
                Expiry.<CacheKey, Kept>writing(
                    (_, kept) -> Duration.between(clock.instant(), kept.until)))
            .evictionListener((_, _, cause) -> meters.evicted(cause))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
    meters.size(tokens);
  }

  private static int weight(CacheKey key, Kept kept) {
    int length = kept.token().authorizationHeader().length() + key.claims().orElse("").length();
    return 1 + length / PART;
  }

  Optional<Kept> find(CacheKey key) {
    return Optional.ofNullable(tokens.getIfPresent(key))
        .filter(kept -> kept.until.isAfter(clock.instant()));
  }

  void keep(CacheKey key, Kept kept) {
    if (kept.until.isAfter(clock.instant())) {
      tokens.put(key, kept);
    }
  }

  /** Forgets the key's token if it is this one, and none that has taken its place. */
  void forget(CacheKey key, DelegatedToken token) {
    var _ = tokens.asMap().computeIfPresent(key, (_, kept) -> kept.token() == token ? null : kept);
  }

  void forget(Purge whose) {
    tokens.asMap().keySet().removeIf(key -> key.touches(whose));
  }

  long size() {
    tokens.cleanUp();
    return tokens.estimatedSize();
  }

  /**
   * The exchange under way for this key, or else this one.
   *
   * @param exchange keeps its own outcome before it ends, so that nobody finds neither
   */
  Mono<Exchanged> single(CacheKey key, Supplier<Mono<Exchanged>> exchange) {
    var started = new CompletableFuture<Exchanged>();
    CompletableFuture<Exchanged> earlier = underWay.putIfAbsent(key, started);
    if (earlier != null) {
      meters.join();
      return Mono.fromFuture(earlier, true);
    }
    // Subscribed by the future and by nobody else, so that nobody's leaving cancels it.
    var _ =
        Mono.defer(exchange)
            .toFuture()
            .whenComplete((exchanged, fault) -> finish(key, started, exchanged, fault));
    return Mono.fromFuture(started, true);
  }

  private void finish(
      CacheKey key,
      CompletableFuture<Exchanged> started,
      @Nullable Exchanged exchanged,
      @Nullable Throwable fault) {
    var _ = underWay.remove(key, started);
    if (exchanged != null) {
      started.complete(exchanged);
    } else {
      started.completeExceptionally(
          fault == null ? new IllegalStateException("an exchange answered nothing") : fault);
    }
  }

  /** A token, until when it may be given, and from when it is exchanged anew beforehand. */
  static final class Kept {
    private final Issued issued;
    private final Instant until;
    private volatile Instant due;
    private final AtomicBoolean renewing = new AtomicBoolean();

    Kept(Issued issued, Instant until, Instant due) {
      this.issued = issued;
      this.until = until;
      this.due = due;
    }

    Issued issued() {
      return issued;
    }

    DelegatedToken token() {
      return issued.token();
    }

    /** True for one asker at a time. */
    boolean isDue(Instant now) {
      return !due.isAfter(now) && renewing.compareAndSet(false, true);
    }

    void postpone(Instant to) {
      due = to;
      renewing.set(false);
    }
  }
}
