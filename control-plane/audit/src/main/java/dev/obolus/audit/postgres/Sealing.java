// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A batch that is being sealed. Not for several threads. */
final class Sealing {
  private static final Logger LOG = LoggerFactory.getLogger(Sealing.class);
  private static final int MAX_BATCH_BYTES = 4 << 20;
  private static final int USUAL_BATCH_BYTES = 64 << 10;

  private final Chain chain;
  private final LogSettings settings;
  private final Chain.Mark before;
  private final List<EventQueue.Item> items = new ArrayList<>();
  private final List<SealedRecord> records = new ArrayList<>();
  private final List<Sealable> said = new ArrayList<>();
  private final CopyRows rows;

  Sealing(Chain chain, LogSettings settings) {
    this.chain = chain;
    this.settings = settings;
    this.before = chain.mark();
    this.rows = new CopyRows(chain, USUAL_BATCH_BYTES);
  }

  /** As much as is queued and a batch may hold. */
  void fill(EventQueue queue) {
    while (!isFull()) {
      EventQueue.Item item = queue.next();
      if (item == null) {
        return;
      }
      try {
        add(seal(item));
        items.add(item);
      } catch (Unsealable e) {
        unsealable(item, e.why);
      }
    }
  }

  /** An event that cannot be sealed, whatever is wrong with it, costs nobody else anything. */
  private SealedRecord seal(EventQueue.Item item) throws Unsealable {
    try {
      return chain.seal(new Sealable.Event(item.event(), item.values()), settings.recordBytes());
    } catch (RuntimeException e) {
      throw new Unsealable(e);
    }
  }

  /** Takes back what was sealed, where nothing took the chain back further already. */
  void undo() {
    if (chain.seq() > before.seq()) {
      chain.rewind(before);
    }
  }

  boolean isFull() {
    return records.size() >= settings.batch() || rows.length() >= MAX_BATCH_BYTES;
  }

  /** What the log says itself: after what it was asked to. */
  void add(Sealable what) {
    add(chain.seal(what, Integer.MAX_VALUE));
    said.add(what);
  }

  private void add(SealedRecord record) {
    records.add(record);
    rows.add(record);
  }

  /** Whose records it holds so far. */
  List<EventQueue.Item> items() {
    return items;
  }

  Batch batch() {
    return new Batch(
        before, chain.mark(), List.copyOf(items), List.copyOf(said), List.copyOf(records), rows);
  }

  private static final class Unsealable extends Exception {
    private static final long serialVersionUID = 1L;
    private final RuntimeException why;

    Unsealable(RuntimeException why) {
      super(why);
      this.why = why;
    }
  }

  private static void unsealable(EventQueue.Item item, RuntimeException why) {
    LOG.atWarn()
        .addKeyValue(
            "why",
            why instanceof IllegalArgumentException
                ? why.getMessage()
                : why.getClass().getSimpleName())
        .log("audit event cannot be sealed");
    RuntimeException failure =
        why instanceof Chain.RecordTooLong ? new LogUnavailable(Cause.TOO_LARGE) : why;
    item.waiter().ifPresent(waiter -> waiter.failLater(failure));
  }
}
