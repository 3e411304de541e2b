// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.tree.TreeEdge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which chains were left by gateways that died, and what a successor has to say of them. A chain is
 * left when no session has held it for the length of the lease. Not for several threads.
 */
final class Succession {
  private final long lease;
  private final Map<ChainId, Long> since = new HashMap<>();
  private final Set<ChainId> tried = new HashSet<>();

  Succession(Duration lease) {
    this.lease = lease.toNanos();
  }

  /** The next chain to take over from, once: what fails is not tried again by this process. */
  Optional<Head> due(List<Head> unheld, long nanos) {
    since.keySet().retainAll(unheld.stream().map(Head::chain).toList());
    unheld.forEach(head -> since.putIfAbsent(head.chain(), nanos));
    return unheld.stream()
        .filter(head -> nanos - since.getOrDefault(head.chain(), nanos) >= lease)
        .filter(head -> tried.add(head.chain()))
        .findFirst();
  }

  /** A chain's end, and an outcome for each of its permits that has none. */
  static List<Sealable> words(Head left, List<Permit> permits, Keyring keys) {
    List<Sealable> words = new ArrayList<>();
    words.add(new Sealable.Tombstone(left));
    for (Permit permit : permits) {
      if (permit.isGenuine(left.chain(), keys)) {
        words.add(
            new Sealable.Orphan(
                left.chain(), permit.seq(), CanonicalReader.read(permit.canonical().toArray())));
      }
    }
    return words;
  }

  /** A stored permit. */
  record Permit(long seq, String keyId, Bytes canonical, Bytes leaf, Bytes prevMac, Bytes mac) {

    /** Nothing is said again that was not sealed: whoever may add rows might have added this. */
    boolean isGenuine(ChainId chain, Keyring keys) {
      return leaf.equals(Bytes.of(TreeEdge.leafOf(canonical.toArray())))
          && keys.find(chain, keyId)
              .filter(key ->
                  key.check(chain).sealed(seq, prevMac.toArray(), leaf.toArray(), mac.toArray()))
              .isPresent();
    }
  }
}
