// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One thread that owns the writer's state. Giving it work takes no lock, so that an event loop may
 * do it; idle, it looks around every few milliseconds.
 */
final class WriterThread implements Executor {
  private static final long TICK_NANOS = 50_000_000;

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Runnable round;
  private final Consumer<RuntimeException> faulty;
  private final Thread thread;
  private volatile boolean parked;
  private volatile boolean ended;

  /**
   * @param round what to do after the tasks of a round, and at every tick
   * @param faulty told of an exception that neither should have thrown; the thread goes on
   */
  WriterThread(String name, Runnable round, Consumer<RuntimeException> faulty) {
    this.round = round;
    this.faulty = faulty;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  void end() {
    ended = true;
    wake();
  }

  private void run() {
    while (!ended) {
      work();
      parked = true;
      if (tasks.isEmpty() && !ended) {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
      parked = false;
    }
  }

  private void work() {
    try {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
      round.run();
    } catch (RuntimeException e) {
      faulty.accept(e);
    }
  }
}
