// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.gateway.identity.Caller;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A bucket of permits for each person, tenant and client together: {@code burst} at once, {@code
 * rate} a second over time. Bounded: a bucket unused for a minute, or crowded out, starts full.
 */
final class RateLimiter {
  private static final int MAX_BUCKETS = 100_000;
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final double NANOS = 1e9;

  private final int rate;
  private final int burst;
  private final LongSupplier nanos;
  private final Cache<Key, Bucket> buckets;

  RateLimiter(int rate, int burst, LongSupplier nanos) {
    if (rate < 1 || burst < 1) {
      throw new IllegalArgumentException("a rate and a burst are at least 1");
    }
    this.rate = rate;
    this.burst = burst;
    this.nanos = nanos;
    this.buckets =
        Caffeine.newBuilder()
            .ticker((Ticker) nanos::getAsLong)
            .maximumSize(MAX_BUCKETS)
            .expireAfterAccess(IDLE)
            .build();
  }

  /** Empty if the caller may go on; otherwise after what time to come again. */
  Optional<Duration> take(Caller.Facts caller) {
    Key key = new Key(caller.tenant(), caller.objectId(), caller.client());
    return buckets.get(key, _ -> new Bucket(burst, nanos.getAsLong())).take();
  }

  private record Key(String tenant, String objectId, String client) {}

  private final class Bucket {
    private double permits;
    private long filledAt;

    private Bucket(double permits, long filledAt) {
      this.permits = permits;
      this.filledAt = filledAt;
    }

    private synchronized Optional<Duration> take() {
      long now = nanos.getAsLong();
      permits = Math.min(burst, permits + (now - filledAt) / NANOS * rate);
      filledAt = now;
      if (permits >= 1) {
        permits -= 1;
        return Optional.empty();
      }
      return Optional.of(Duration.ofNanos((long) ((1 - permits) / rate * NANOS)));
    }
  }
}
