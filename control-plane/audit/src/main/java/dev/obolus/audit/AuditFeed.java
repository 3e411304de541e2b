// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.util.Map;
import reactor.core.publisher.Flux;

/** New records as they are committed, by whichever gateway. */
public interface AuditFeed {

  /**
   * Every record after the given heads, each chain in order, none left out; a chain not named is
   * followed from its first record. Never completes; errors when the database goes away.
   */
  Flux<AuditRecord> follow(Map<ChainId, Long> after);
}
