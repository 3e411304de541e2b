// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.postgres.Appending.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way, bounded: those that somebody waits for, and those left behind by callers who
 * have hung up. The latter outlive an outage; the former are refused in one.
 */
final class EventQueue {
  private final int capacity;
  private final Queue<Waiter> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Item> left = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final AtomicInteger leftCount = new AtomicInteger();

  EventQueue(int capacity) {
    this.capacity = capacity;
  }

  boolean join(Waiter waiter) {
    return add(waiting, waitingCount, waiter);
  }

  boolean leave(AuditEvent event, ValueSeal values) {
    return add(left, leftCount, new Item(event, values, Optional.empty()));
  }

  boolean isEmpty() {
    return waiting.isEmpty() && left.isEmpty();
  }

  /** How many somebody waits for. */
  int waiting() {
    return waitingCount.get();
  }

  /** The next one, oldest first, or null; those left behind come first. */
  @Nullable Item next() {
    Item offered = poll(left, leftCount);
    if (offered != null) {
      return offered;
    }
    Waiter waiter = poll(waiting, waitingCount);
    return waiter == null ? null : new Item(waiter.event(), waiter.values(), Optional.of(waiter));
  }

  /** The waiters that have waited longer than this. */
  List<Waiter> takeOlderThan(long nanos) {
    List<Waiter> old = new ArrayList<>();
    for (Waiter first = waiting.peek();
        first != null && first.olderThan(nanos);
        first = waiting.peek()) {
      Waiter taken = poll(waiting, waitingCount);
      if (taken != null) {
        old.add(taken);
      }
    }
    return old;
  }

  private <T> boolean add(Queue<T> queue, AtomicInteger count, T item) {
    if (count.incrementAndGet() > capacity) {
      count.decrementAndGet();
      return false;
    }
    return queue.add(item);
  }

  private static <T> @Nullable T poll(Queue<T> queue, AtomicInteger count) {
    T item = queue.poll();
    if (item != null) {
      count.decrementAndGet();
    }
    return item;
  }

  /** An event, what hides its personal values, and who waits for it. */
  record Item(AuditEvent event, ValueSeal values, Optional<Waiter> waiter) {}
}
