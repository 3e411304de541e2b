// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Where a writer's chains get their keys. */
interface ChainKeys {

  /**
   * A key for a new chain.
   *
   * @param newest chains before it, the newest first
   */
  Mono<IssuedKey> next(LogSession session, int epoch, List<Keyring.Earlier> newest);

  /**
   * Gets ready for a later epoch, a step at each call and without waiting for anybody; called again
   * and again.
   */
  Mono<Boolean> ahead(LogSession session, int epoch);

  /** Whether a key for that epoch's chain can be had without anybody else. */
  boolean isReadyFor(int epoch);

  /** What others' records are looked at with; who has none ends no chain but its own. */
  Optional<Keyring> held();
}
