// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.Purge;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What the provider refused for good: whoever asks for the same is answered without asking it, for
 * ten seconds. Where it ended the presented token's session, that holds for whatever is asked with
 * that token, and until the token ends: so nobody who goes on presenting it ends the same person's
 * other sessions again and again.
 *
 * <p>Guarantees: the number is bounded; where one is forgotten the provider is asked again.
 */
final class Refusals {
  private static final int MOST = 10_000;

  /** Somebody may consent or assign, a person may be enabled again: the same token is good then. */
  private static final Duration SHORTLY = Duration.ofSeconds(10);

  private final Cache<CacheKey, Refused> refused;
  private final Cache<Session, Ended> ended;
  private final InstantSource clock;

  Refusals(InstantSource clock, Ticker ticker) {
    this.clock = clock;
    this.refused =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(SHORTLY)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
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
    return Optional.ofNullable(ended.getIfPresent(Session.of(key)))
        .map(Ended::refused)
        .or(() -> Optional.ofNullable(refused.getIfPresent(key)));
  }

  /**
   * @param expiresAt when the presented token ends
   */
  void keep(CacheKey key, Refused answer, Instant expiresAt) {
    if (answer.revoked()) {
      ended.put(Session.of(key), new Ended(answer, until(answer, expiresAt)));
    } else if (!(answer.failure() instanceof ExchangeUnavailable)) {
      refused.put(key, answer);
    }
  }

  private Instant until(Refused answer, Instant expiresAt) {
    Instant soon = clock.instant().plus(SHORTLY);
    return answer.failure() instanceof TokenRejected || expiresAt.isBefore(soon) ? expiresAt : soon;
  }

  private record Ended(Refused refused, Instant until) {}

  private record Session(Purge.Person person, String assertionHash) {
    private static Session of(CacheKey key) {
      return new Session(key.person(), key.assertionHash());
    }
  }
}
