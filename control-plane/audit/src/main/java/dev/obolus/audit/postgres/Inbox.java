// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.SealedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this process committed and one follower has not looked at. It holds so many bytes; what
 * comes when it is full is left out, for the follower to read from the database.
 */
final class Inbox implements Committed.Listener {
  private final Queue<Batch> batches = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicBoolean missed = new AtomicBoolean();
  private final Bell bell;
  private final long most;

  /**
   * @param bell rung when something came
   * @param most bytes
   */
  Inbox(Bell bell, long most) {
    this.bell = bell;
    this.most = most;
  }

  /** Records that follow one another in a chain. */
  record Batch(ChainId chain, List<SealedRecord> records) {
    long first() {
      return records.getFirst().seq();
    }

    long last() {
      return records.getLast().seq();
    }

    private long size() {
      return records.stream().mapToLong(SealedRecord::size).sum();
    }
  }

  @Override
  public void committed(ChainId chain, List<SealedRecord> records) {
    Batch batch = new Batch(chain, records);
    if (bytes.get() + batch.size() > most) {
      missed.set(true);
    } else {
      bytes.addAndGet(batch.size());
      batches.add(batch);
    }
    bell.ring();
  }

  /** What is there, in order; it is there no more. */
  List<Batch> take() {
    List<Batch> taken = new ArrayList<>();
    for (Batch batch = batches.poll(); batch != null; batch = batches.poll()) {
      bytes.addAndGet(-batch.size());
      taken.add(batch);
    }
    return taken;
  }

  /** Whether something was left out since this was asked last. */
  boolean missed() {
    return missed.getAndSet(false);
  }
}
