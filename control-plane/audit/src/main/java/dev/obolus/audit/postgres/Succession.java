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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which chains were left by gateways that are gone, and what a successor has to say of them. A
 * chain is left when no session has held it for the length of the lease, whether it was closed or
 * not: a gateway holds those whose permits it may yet tell an outcome of. Not for several threads.
 */
final class Succession {
  /** How many records are looked through at once. */
  static final long SLICE = 20_000;

  /** After how many leases what failed is tried again. */
  private static final int LATER = 20;

  private final long lease;
  private final Map<ChainId, Long> since = new HashMap<>();
  private final Map<ChainId, Long> again = new HashMap<>();

  Succession(Duration lease) {
    this.lease = lease.toNanos();
  }

  /**
   * A chain that nobody holds.
   *
   * @param ended whether it has its last record, or was ended
   * @param answeredFrom each permit from that record on has an outcome
   */
  record Left(Head head, boolean ended, long answeredFrom) {

    /** The next part to look through, from the newest to the oldest. */
    Slice slice() {
      long to = Math.min(head.seq() + 1, answeredFrom);
      return new Slice(this, Math.max(1, to - SLICE), to);
    }
  }

  /** The records of a chain from one number on and before another. */
  record Slice(Left left, long from, long to) {}

  /** The next chain to take over from. What is not {@link #done} is not tried again for long. */
  Optional<Left> due(List<Left> unheld, long nanos) {
    List<ChainId> there = unheld.stream().map(left -> left.head().chain()).toList();
    since.keySet().retainAll(there);
    again.keySet().retainAll(there);
    there.forEach(chain -> since.putIfAbsent(chain, nanos));
    Optional<Left> due =
        unheld.stream()
            .filter(left -> nanos - since.getOrDefault(left.head().chain(), nanos) >= lease)
            .filter(left -> nanos - again.getOrDefault(left.head().chain(), nanos) >= 0)
            .findFirst();
    due.ifPresent(left -> again.put(left.head().chain(), nanos + LATER * lease));
    return due;
  }

  /** The chain was taken over from so far, by us or by another. */
  void done(Left left) {
    again.remove(left.head().chain());
  }

  /** A chain's end where it has none, and an outcome for each of its permits that has none. */
  static List<Sealable> words(Left left, List<Permit> permits, Keyring keys) {
    ChainId chain = left.head().chain();
    List<Sealable> words = new ArrayList<>();
    if (!left.ended()) {
      words.add(new Sealable.Tombstone(left.head()));
    }
    for (Permit permit : permits) {
      if (permit.isGenuine(chain, keys)) {
        words.add(
            new Sealable.Orphan(
                chain, permit.seq(), CanonicalReader.read(permit.canonical().toArray())));
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
