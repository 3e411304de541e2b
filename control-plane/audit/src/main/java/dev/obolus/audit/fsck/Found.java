// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Verification.Bad;
import java.util.Optional;

/** The first fault, with its place. */
final class Found extends Exception {
  private static final long serialVersionUID = 1L;

  /** Named where a fault of the tree concerns no record that is known. */
  private static final ChainId NO_CHAIN = new ChainId(Bytes.of(new byte[ChainId.LENGTH]));

  private final transient Bad bad;

  Found(TreeFaulty faulty, Optional<StoredTree.Place> place) {
    super(faulty.fault().name(), null, false, false);
    ChainId chain = place.map(StoredTree.Place::chain).orElse(NO_CHAIN);
    this.bad =
        new Bad(
            chain,
            place.map(StoredTree.Place::seq).orElse(1L),
            faulty.fault(),
            faulty.getMessage()
                + place
                    .map(at -> " (from record " + at.seq() + " of chain " + at.chain() + " on)")
                    .orElse(""));
  }

  Found(ChainId chain, Faulty faulty) {
    super(faulty.fault().name(), null, false, false);
    long seq = Math.max(1, faulty.seq());
    this.bad =
        new Bad(
            chain,
            seq,
            faulty.fault(),
            faulty.fault().sentence(chain.toString(), seq, faulty.detail()));
  }

  Bad bad() {
    return bad;
  }
}
