// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.Purge;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The number of the newest purge that touches a token, which is part of the token's key: what was
 * exchanged before is no longer found. A purge is remembered for longer than an exchange takes;
 * where there are too many to remember, the oldest counts as one that touches everybody.
 */
final class Generations {
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final AtomicLong purges = new AtomicLong();
  private final AtomicLong everybodys = new AtomicLong();
  private final Cache<Purge, Long> newest;

  Generations(long most, Ticker ticker) {
    this.newest =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterWrite(REMEMBERED)
            .evictionListener(this::evicted)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  void raise(Purge whose) {
    newest.put(whose, purges.incrementAndGet());
  }

  long of(Set<Purge> touching) {
    long generation = everybodys.get();
    for (Purge whose : touching) {
      Long raised = newest.getIfPresent(whose);
      if (raised != null && raised > generation) {
        generation = raised;
      }
    }
    return generation;
  }

  private void evicted(@Nullable Purge whose, @Nullable Long generation, RemovalCause cause) {
    if (cause == RemovalCause.SIZE && generation != null) {
      everybodys.accumulateAndGet(generation, Math::max);
    }
  }
}
