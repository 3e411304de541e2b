// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * What a chain's first record needs to know.
 *
 * @param heads of the chains before it, as the database shows them
 */
record Opening(List<Head> heads, IssuedKey key) {

  /** Looks at the chains before it, and gets its key. */
  static Mono<Opening> look(LogSession session, ChainKeys keys, KnownHeads known, int epoch) {
    List<ChainId> ours = known.chains();
    return session
        .heads(ours)
        .zipWhen(
            _ -> session.newest().map(newest -> newest.stream().map(known::corrected).toList()))
        .flatMap(found ->
            keys.next(session, epoch, found.getT2()).map(key -> new Opening(found.getT1(), key)));
  }

  Sealable.Open record(LogSettings settings, Chain fresh, KnownHeads known) {
    return new Sealable.Open(
        settings.opened(),
        known.earlier(heads),
        fresh.keyCommitment(),
        SafetyCheck.REQUIRED_SCHEMA,
        key.handover(),
        key.revoked());
  }
}
