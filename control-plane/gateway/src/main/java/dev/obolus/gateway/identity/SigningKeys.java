// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/**
 * Issuers' keys, kept.
 *
 * <p>Guarantees: a key set is used for at most {@link #TTL}; from {@link #REFRESH} on it is asked
 * for anew behind the callers' backs, and what was known stays until that succeeds. However many
 * tokens name an unknown key, their issuer is asked at most once per {@link #UNKNOWN_KEY_PAUSE};
 * after a failure, at most once per {@link #FAILURE_PAUSE}. A fetch is shared by all who wait for
 * it and goes on when one of them hangs up.
 */
final class SigningKeys {
  static final Duration TTL = Duration.ofHours(24);
  static final Duration REFRESH = Duration.ofHours(1);
  static final Duration UNKNOWN_KEY_PAUSE = Duration.ofMinutes(5);
  static final Duration FAILURE_PAUSE = Duration.ofSeconds(5);
  private static final int MAX_ISSUERS = 1_000;

  private final KeySource source;
  private final AsyncLoadingCache<KeySource.Source, KeySource.Published> sets;
  private final Cache<KeySource.Source, Boolean> askedForUnknownKey;
  private final Cache<KeySource.Source, Boolean> failed;

  SigningKeys(KeySource source, InstantSource clock) {
    this.source = source;
    Ticker ticker = () -> TimeUnit.MILLISECONDS.toNanos(clock.millis());
    this.sets =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_ISSUERS)
            .refreshAfterWrite(REFRESH)
            .expireAfterWrite(TTL)
            .buildAsync((issuer, executor) -> load(issuer));
    this.askedForUnknownKey = pauses(ticker, UNKNOWN_KEY_PAUSE);
    this.failed = pauses(ticker, FAILURE_PAUSE);
  }

  /** What the issuer publishes; asked for anew where it has no key of this id. */
  Mono<KeySource.Published> find(KeySource.Source issuer, String keyId) {
    return published(issuer)
        .flatMap(
            known -> known.keys().containsKey(keyId) ? Mono.just(known) : findAnew(issuer, known));
  }

  /** Whether the key is still among those known, without asking anybody. */
  boolean holds(KeySource.Source issuer, String keyId) {
    CompletableFuture<KeySource.Published> known = sets.getIfPresent(issuer);
    return known != null
        && known.state() == CompletableFuture.State.SUCCESS
        && known.resultNow().keys().containsKey(keyId);
  }

  private Mono<KeySource.Published> findAnew(KeySource.Source issuer, KeySource.Published known) {
    if (askedForUnknownKey.asMap().putIfAbsent(issuer, true) != null) {
      return Mono.just(known);
    }
    return Mono.fromFuture(() -> sets.synchronous().refresh(issuer), true)
        .onErrorReturn(IdentityUnavailable.class, known);
  }

  private Mono<KeySource.Published> published(KeySource.Source issuer) {
    return Mono.fromFuture(() -> sets.get(issuer), true);
  }

  private CompletableFuture<KeySource.Published> load(KeySource.Source issuer) {
    if (failed.getIfPresent(issuer) != null) {
      return CompletableFuture.failedFuture(
          new IdentityUnavailable("the issuer's keys could not be fetched a moment ago"));
    }
    Mono<KeySource.Published> fetched = source.fetch(issuer);
    return fetched
        .doOnError(_ -> failed.put(issuer, true))
        .doOnNext(_ -> failed.invalidate(issuer))
        .toFuture()
        .thenApply(Objects::requireNonNull);
  }

  private static Cache<KeySource.Source, Boolean> pauses(Ticker ticker, Duration pause) {
    return Caffeine.newBuilder()
        .ticker(ticker)
        .maximumSize(MAX_ISSUERS)
        .expireAfterWrite(pause)
        .build();
  }
}
