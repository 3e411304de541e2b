// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.EventCode;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.chain.SealedRecord;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What is committed at once.
 *
 * @param before where its chain stood before it
 * @param after where its chain stands with it
 * @param items whose records come first
 * @param said what the log says itself
 * @param records theirs, then what the log says itself, sealed
 * @param rows the records as they are sent
 */
record Batch(
    Chain.Mark before,
    Chain.Mark after,
    List<EventQueue.Item> items,
    List<Sealable> said,
    List<SealedRecord> records,
    CopyRows rows) {

  boolean endsAt(Head head) {
    return head.seq() == after.seq() && head.mac().equals(after.head());
  }

  /** Whether it ends its chain. */
  boolean closes() {
    return !records.isEmpty() && records.getLast().code() == EventCode.OBO0002A;
  }

  /** It is durable: each waiter gets its receipt. */
  void written(ChainId chain, PostgresAuditLog log) {
    each(
        chain,
        (item, receipt) ->
            item.waiter().ifPresent(waiter -> waiter.tellLater(receipt, log::nobodyWaited)));
  }

  /** It was found durable after its waiters had been refused. */
  void found(ChainId chain, PostgresAuditLog log) {
    each(chain, (item, receipt) -> log.foundLater(item.event(), receipt));
  }

  private void each(ChainId chain, BiConsumer<EventQueue.Item, Receipt> action) {
    for (int i = 0; i < items.size(); i++) {
      SealedRecord record = records.get(i);
      action.accept(items.get(i), new Receipt(chain, record.seq(), record.leaf().hex()));
    }
  }
}
