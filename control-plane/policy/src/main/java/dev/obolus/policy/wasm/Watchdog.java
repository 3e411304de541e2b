// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Interrupts evaluations that are over their budget. Compiled code polls the thread's interrupt
 * flag.
 *
 * <p>Guarantees: only the evaluation that is over its budget is interrupted: whoever ends it first,
 * by compare-and-set, decides, and a flag raised for it never outlives it.
 */
final class Watchdog implements AutoCloseable {
  private final long budgetNanos;
  private final Set<Run> running = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  Watchdog(Duration budget) {
    this.budgetNanos = budget.toNanos();
    this.thread = Thread.ofPlatform().daemon().name("policy-watchdog").unstarted(this::patrol);
    thread.start();
  }

  /** Starts the clock for an evaluation on the current thread. */
  Run begin() {
    Run run = new Run(Thread.currentThread(), System.nanoTime() + budgetNanos);
    running.add(run);
    return run;
  }

  private void patrol() {
    long pause = Math.clamp(budgetNanos / 4, 1_000_000L, 50_000_000L);
    while (!closed) {
      LockSupport.parkNanos(pause);
      long now = System.nanoTime();
      running.forEach(run -> run.check(now));
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** One evaluation. */
  final class Run {
    private static final int RUNNING = 0;
    private static final int ENDED = 1;
    private static final int INTERRUPTING = 2;
    private static final int INTERRUPTED = 3;
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private final Thread runner;
    private final long deadline;

    private Run(Thread runner, long deadline) {
      this.runner = runner;
      this.deadline = deadline;
    }

    /** Whether it stayed within its budget; clears the interrupt if it did not. */
    boolean end() {
      running.remove(this);
      if (state.compareAndSet(RUNNING, ENDED)) {
        return true;
      }
      while (state.get() == INTERRUPTING) {
        Thread.onSpinWait();
      }
      boolean _ = Thread.interrupted();
      return false;
    }

    private void check(long now) {
      if (now - deadline > 0 && state.compareAndSet(RUNNING, INTERRUPTING)) {
        runner.interrupt();
        state.set(INTERRUPTED);
      }
    }
  }
}
