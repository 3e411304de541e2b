// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.Purge;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Presented tokens whose person's session the provider ended: whoever goes on presenting one is
 * answered without asking, and so ends no other session of that person. The number is bounded;
 * where one is forgotten the provider is asked again.
 */
final class Refusals {
  private static final int MOST = 10_000;

  /** A person who is disabled may be enabled again, with the same token. */
  private static final Duration SHORTLY = Duration.ofSeconds(10);

  private final Cache<Session, Ended> ended;
  private final InstantSource clock;

  Refusals(InstantSource clock, Ticker ticker) {
    this.clock = clock;
    this.ended =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfter(
                Expiry.<Session, Ended>writing(
                    (_, it) -> Duration.between(clock.instant(), it.until)))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  Optional<Refused> find(CacheKey key) {
    return Optional.ofNullable(ended.getIfPresent(Session.of(key))).map(Ended::refused);
  }

  /**
   * @param expiresAt when the presented token ends
   */
  void keep(CacheKey key, Refused refused, Instant expiresAt) {
    if (refused.revoked()) {
      Instant soon = clock.instant().plus(SHORTLY);
      boolean forGood = refused.failure() instanceof TokenRejected || expiresAt.isBefore(soon);
      ended.put(Session.of(key), new Ended(refused, forGood ? expiresAt : soon));
    }
  }

  private record Ended(Refused refused, Instant until) {}

  private record Session(Purge.Person person, String assertionHash) {
    private static Session of(CacheKey key) {
      return new Session(key.person(), key.assertionHash());
    }
  }
}
