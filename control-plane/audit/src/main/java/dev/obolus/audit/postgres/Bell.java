// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/** Wakes one who waits. Ringing never blocks; rung while nobody waits, it is not forgotten. */
final class Bell {
  private final AtomicBoolean rung = new AtomicBoolean();
  private final AtomicReference<@Nullable MonoSink<Boolean>> waiting = new AtomicReference<>();

  void ring() {
    rung.set(true);
    wake();
  }

  /** Emits, elsewhere than whoever rings, when it is rung, or was since it emitted last. */
  Mono<Boolean> next() {
    return Mono.<Boolean>create(this::await)
        .publishOn(Schedulers.parallel())
        .doOnNext(_ -> rung.set(false));
  }

  /** The same; emits false after so long. */
  Mono<Boolean> next(Duration atMost) {
    return next().timeout(atMost, Mono.just(false));
  }

  private void await(MonoSink<Boolean> waiter) {
    waiting.set(waiter);
    if (rung.get()) {
      wake();
    }
  }

  private void wake() {
    MonoSink<Boolean> waiter = waiting.getAndSet(null);
    if (waiter != null) {
      waiter.success(true);
    }
  }
}
