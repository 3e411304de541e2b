// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The one place of this room where something may block: few virtual threads, a short queue. */
final class BlockingWork implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int QUEUE = 8;
  private static final int IDLE_SECONDS = 30;

  private final Scheduler scheduler =
      Schedulers.newBoundedElastic(
          THREADS, QUEUE, Thread.ofVirtual().name("operator-", 0).factory(), IDLE_SECONDS);

  <T> Mono<T> run(Callable<T> work) {
    return Mono.fromCallable(work)
        .subscribeOn(scheduler)
        .onErrorMap(RejectedExecutionException.class, _ -> full());
  }

  private static Refusal full() {
    return Refusal.of(ErrorCode.OVERLOADED, ErrorCode.OVERLOADED.sentence());
  }

  @Override
  public void close() {
    scheduler.dispose();
  }
}
