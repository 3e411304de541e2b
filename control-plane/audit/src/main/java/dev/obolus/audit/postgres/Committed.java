// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.SealedRecord;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What this process has committed, told to whoever wants to know here. */
final class Committed {
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Called on the writer's thread: must return at once, and not fail. */
  interface Listener {

    /**
     * Records that are on disk, one after the other; at least one.
     *
     * @param records what followed in the chain
     */
    void committed(ChainId chain, List<SealedRecord> records);
  }

  /** Tells nobody of nothing: looking through a chain that was left may leave nothing to say. */
  void tell(ChainId chain, List<SealedRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    for (Listener listener : listeners) {
      listener.committed(chain, records);
    }
  }

  void join(Listener listener) {
    listeners.add(listener);
  }

  void leave(Listener listener) {
    listeners.remove(listener);
  }
}
