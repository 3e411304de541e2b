// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.obolus.connector.obo.TokenEndpoint.Answer;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/**
 * A breaker for each token endpoint, and so for each tenant: after failures that pass, nothing is
 * sent for ten seconds; while a tenant is throttled, for as long as it says; where none of our
 * credentials is taken, for five seconds. One tenant's trouble is no other's. The number of
 * breakers is bounded.
 */
final class Breakers {
  private static final int MOST = 1_000;
  private static final Duration OPEN = Duration.ofSeconds(10);
  private static final Duration NO_CREDENTIAL = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final CircuitBreakerConfig config;
  private final Cache<String, Guard> breakers =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfterAccess(Duration.ofHours(1))
          .executor(Runnable::run)
          .build();

  Breakers(InstantSource clock) {
    this.clock = clock;
    this.config =
        CircuitBreakerConfig.custom()
            .slidingWindow(20, 5, SlidingWindowType.COUNT_BASED)
            .failureRateThreshold(50)
            .waitDurationInOpenState(OPEN)
            .permittedNumberOfCallsInHalfOpenState(3)
            .writableStackTraceEnabled(false)
            .clock(clock.withZone(ZoneOffset.UTC))
            .build();
  }

  Mono<Answer> guard(String endpoint, Mono<Answer> request) {
    return Mono.defer(() -> {
      Guard guard = breakers.get(endpoint, it -> new Guard(CircuitBreaker.of(it, config)));
      return guard.breaker.tryAcquirePermission()
          ? request
              .doOnNext(guard::record)
              .doOnError(_ -> guard.breaker.releasePermission())
              .doOnCancel(guard.breaker::releasePermission)
          : Mono.fromSupplier(guard::paused);
    });
  }

  private final class Guard {
    private final CircuitBreaker breaker;
    private volatile Instant until = Instant.MIN;

    private Guard(CircuitBreaker breaker) {
      this.breaker = breaker;
    }

    private void record(Answer answer) {
      switch (answer) {
        case Answer.Success _ -> breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        case Answer.Failure failure -> record(failure);
      }
    }

    private void record(Answer.Failure failure) {
      if (failure.row().answer() == EntraAnswer.TRANSIENT) {
        breaker.onError(0, TimeUnit.MILLISECONDS, new Failing());
        failure.retryAfter().ifPresent(this::pause);
      } else {
        breaker.onSuccess(0, TimeUnit.MILLISECONDS);
      }
      if (failure.row().answer() == EntraAnswer.CREDENTIAL) {
        pause(NO_CREDENTIAL);
      }
    }

    private void pause(Duration wait) {
      Duration bounded = wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
      until = clock.instant().plus(bounded);
      breaker.transitionToOpenStateFor(bounded);
    }

    private Answer paused() {
      Duration left = Duration.between(clock.instant(), until);
      return new Answer.Failure(
          new EntraErrors.Row(EntraAnswer.TRANSIENT, false),
          "paused",
          Optional.empty(),
          Optional.of(left.isPositive() ? left : OPEN),
          TokenEndpoint.Ids.NONE);
    }
  }

  /** Resilience4j counts throwables. */
  private static final class Failing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Failing() {
      super("passing failure", null, false, false);
    }
  }
}
