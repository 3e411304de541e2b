// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where this process's chains stand as it was acknowledged: what the database says is held to that.
 * Not for several threads.
 */
final class KnownHeads {
  private final Map<ChainId, Head> heads = new HashMap<>();

  void remember(ChainId id, Chain.Mark written) {
    heads.put(id, new Head(id, written.seq(), written.head()));
  }

  List<ChainId> chains() {
    return List.copyOf(heads.keySet());
  }

  /** What the database says, corrected by what we know to have been committed. */
  List<Head> earlier(List<Head> found) {
    Map<ChainId, Head> known = new LinkedHashMap<>();
    found.forEach(head -> known.put(head.chain(), head));
    heads.forEach((id, ours) ->
        known.merge(id, ours, (theirs, mine) -> theirs.seq() >= mine.seq() ? theirs : mine));
    return List.copyOf(known.values());
  }

  /** As we know it to have been committed. */
  Keyring.Earlier corrected(Keyring.Earlier earlier) {
    return new Keyring.Earlier(
        heads.getOrDefault(earlier.head().chain(), earlier.head()), earlier.keyId());
  }

  /** A record of what was acknowledged here and is in the database no more. */
  Optional<Sealable.Recovery> setBack(List<Head> found) {
    Map<ChainId, Long> there = new HashMap<>();
    found.forEach(head -> there.put(head.chain(), head.seq()));
    List<Head> lost =
        heads.values().stream()
            .filter(ours -> there.getOrDefault(ours.chain(), 0L) < ours.seq())
            .toList();
    return lost.isEmpty() ? Optional.empty() : Optional.of(new Sealable.Recovery(lost));
  }
}
