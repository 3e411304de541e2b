// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Interrupts evaluations that are over their budget. Compiled code polls the thread's interrupt
 * flag. What counts is the time that the evaluation's thread ran, because on a busy machine the
 * clock on the wall says nothing of the policy; far beyond that the wall ends it too.
 *
 * <p>Guarantees: only the evaluation that is over its budget is interrupted: whoever ends it first,
 * by compare-and-set, decides, and a flag raised for it never outlives it.
 */
final class Watchdog implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final boolean TELLS =
      THREADS.isThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();

  private final long budgetNanos;
  private final long ceilingNanos;
  private final Set<Run> running = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param budget of processor time
   * @param ceiling on the wall's clock
   */
  Watchdog(Duration budget, Duration ceiling) {
    this.budgetNanos = budget.toNanos();
    this.ceilingNanos = ceiling.toNanos();
    this.thread = Thread.ofPlatform().daemon().name("policy-watchdog").unstarted(this::patrol);
    thread.start();
  }

  /** Starts the clock for an evaluation on the current thread. */
  Run begin() {
    Run run = new Run(Thread.currentThread(), System.nanoTime());
    running.add(run);
    return run;
  }

  private void patrol() {
    long pause = Math.clamp(Math.min(budgetNanos, ceilingNanos) / 4, 1_000_000L, 50_000_000L);
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
    private static final long UNKNOWN = -1;
    private static final int RUNNING = 0;
    private static final int ENDED = 1;
    private static final int INTERRUPTING = 2;
    private static final int INTERRUPTED = 3;
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private final Thread runner;
    private final long began;
    // The patrol's own: asking costs more than many an evaluation, so only those it meets pay.
    private long ranWhenMet = UNKNOWN;

    private Run(Thread runner, long began) {
      this.runner = runner;
      this.began = began;
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
      if (isOver(now) && state.compareAndSet(RUNNING, INTERRUPTING)) {
        runner.interrupt();
        state.set(INTERRUPTED);
      }
    }

    private boolean isOver(long now) {
      long took = now - began;
      long ran = TELLS ? THREADS.getThreadCpuTime(runner.threadId()) : UNKNOWN;
      if (ran == UNKNOWN) {
        return took > budgetNanos;
      }
      if (ranWhenMet == UNKNOWN) {
        ranWhenMet = ran;
      }
      return ran - ranWhenMet > budgetNanos || took > ceilingNanos;
    }
  }
}
