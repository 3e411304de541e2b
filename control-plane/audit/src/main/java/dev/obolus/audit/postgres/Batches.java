// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.chain.SealedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * A chain's batches: the one that is sealed while another is under way, the one whose fate is not
 * known, and what becomes of those who wait for either. Not for several threads.
 */
final class Batches {
  private final LogSettings settings;
  private final EventQueue queue;
  private final PostgresAuditLog log;
  private final OpenPermits permits = new OpenPermits(OpenPermits.MOST_BYTES);

  /** What the log has to say itself, written with the next batch. */
  private final List<Sealable> own = new ArrayList<>();

  /** Sealed while a commit was under way; comes before whatever else the chain has to say. */
  private @Nullable Sealing ahead;

  private @Nullable Batch unknown;

  Batches(LogSettings settings, EventQueue queue, PostgresAuditLog log) {
    this.settings = settings;
    this.queue = queue;
    this.log = log;
  }

  /** Those of what was written that have no outcome. */
  OpenPermits permits() {
    return permits;
  }

  /** To be written with the next batch. */
  void say(Sealable said) {
    own.add(said);
  }

  boolean isSealedAhead() {
    return ahead != null;
  }

  boolean isEmpty() {
    return own.isEmpty() && queue.isEmpty();
  }

  /** What to commit next; may have no records, where none could be sealed. */
  Batch next(Chain open) {
    Sealing sealing = ahead == null ? new Sealing(open, settings) : ahead;
    ahead = sealing; // a fault on the way drops it
    sealing.fill(queue);
    own.forEach(sealing::add);
    Batch batch = sealing.batch();
    ahead = null;
    return batch;
  }

  /**
   * Seals what is queued, while a commit is under way; may be asked again until it has ended.
   *
   * @return whether more could be
   */
  boolean sealAhead(Chain open) {
    if (queue.isEmpty()) {
      return true;
    }
    Sealing next = ahead == null ? new Sealing(open, settings) : ahead;
    ahead = next;
    next.fill(queue);
    if (next.items().isEmpty()) {
      ahead = null;
    }
    return !next.isFull();
  }

  /** What a chain says of another, committed like a batch. */
  static Batch of(Chain open, List<Sealable> words) {
    Chain.Mark before = open.mark();
    List<SealedRecord> records =
        words.stream().map(word -> open.seal(word, Integer.MAX_VALUE)).toList();
    return new Batch(
        before, open.mark(), List.of(), List.copyOf(words), records, CopyRows.of(open, records));
  }

  /** It is durable. Elsewhere they are told so: the next batch does not wait for that. */
  void written(Chain open, Batch batch) {
    own.removeAll(batch.said());
    permits.note(open.id(), batch);
    ChainId chain = open.id();
    Schedulers.parallel().schedule(() -> batch.written(chain, log));
  }

  /** Nobody is told that it was written; whether it was is found out where that is not known. */
  void failed(Chain open, Batch batch, Cause cause) {
    open.rewind(batch.before());
    if (cause == Cause.UNKNOWN_COMMIT) {
      unknown = batch;
    }
    for (EventQueue.Item item : batch.items()) {
      item.waiter().ifPresent(waiter -> waiter.failLater(new LogUnavailable(cause)));
      if (cause != Cause.UNKNOWN_COMMIT) {
        keepIfLeft(item);
      }
    }
  }

  /** Finds the fate of an unknown batch: there if it is what the chain now ends with. */
  Optional<Batch> found(Chain open, Optional<Head> head) {
    Optional<Batch> batch = Optional.ofNullable(unknown);
    Optional<Batch> found = batch.filter(sent -> head.filter(sent::endsAt).isPresent());
    unknown = null;
    found.ifPresent(written -> {
      open.rewind(written.after());
      own.removeAll(written.said());
      permits.note(open.id(), written);
      log.committed().tell(open.id(), written.records());
      written.found(open.id(), log);
    });
    batch.filter(_ -> found.isEmpty()).ifPresent(lost -> lost.items().forEach(this::keepIfLost));
    return found;
  }

  /** What was sealed and never sent: the chain is back where it was before. */
  void dropAhead() {
    Sealing dropped = ahead;
    ahead = null;
    if (dropped != null) {
      dropped.undo();
      for (EventQueue.Item item : dropped.items()) {
        item.waiter().ifPresent(waiter -> waiter.failLater(new LogUnavailable(Cause.DATABASE)));
        keepIfLeft(item);
      }
    }
  }

  /** Counts too are tried again: who waited for them could not know whether to count anew. */
  private void keepIfLost(EventQueue.Item item) {
    if (item.event() instanceof AuditEvent.Rejected) {
      log.offer(item.event());
    } else {
      keepIfLeft(item);
    }
  }

  /** What a caller who has gone left behind is tried again. */
  private void keepIfLeft(EventQueue.Item item) {
    if (item.waiter().isEmpty()) {
      log.offer(item.event());
    }
  }
}
