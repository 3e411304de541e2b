// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.util.List;
import java.util.Map;

/** What a chain takes: its first record, events, its last record. */
public sealed interface Sealable {

  record Event(AuditEvent event) implements Sealable {}

  /**
   * A chain's first record.
   *
   * @param settings what the gateway trusted when it started
   * @param earlierHeads the heads of all other chains, as the database showed them
   * @param keyCommitment to the chain's key
   */
  record Open(
      Map<String, String> settings,
      List<Head> earlierHeads,
      Bytes keyCommitment,
      String schemaVersion)
      implements Sealable {
    public Open {
      settings = Map.copyOf(settings);
      earlierHeads = List.copyOf(earlierHeads);
    }
  }

  /** A chain's last record. */
  record Close(String reason) implements Sealable {}

  /** A chain and its newest record. */
  record Head(ChainId chain, long seq, Bytes mac) {
    @Override
    public String toString() {
      return chain + " " + seq + " " + mac;
    }
  }

  /** The tenant that the record is about. */
  default String tenant() {
    return this instanceof Event event ? event.event().tenant() : "-";
  }
}
