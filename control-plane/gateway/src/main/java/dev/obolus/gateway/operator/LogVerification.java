// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.ChainId;
import java.util.Optional;
import java.util.Set;

/** Verifies the log as it is stored. Blocks. */
@FunctionalInterface
public interface LogVerification {

  /**
   * @param place one record and its links, or the whole log
   */
  Report verify(Optional<Place> place) throws Exception;

  record Place(ChainId chain, long seq) {}

  /**
   * @param state {@code verified · broken · pending}
   * @param keyed whether MACs were checked too
   */
  record Report(
      String state, boolean keyed, long records, long chains, Optional<Bad> firstBad, long tookMs) {

    /** The same, without saying where. */
    Report placeless() {
      return new Report(state, keyed, records, chains, Optional.empty(), tookMs);
    }
  }

  record Bad(Place place, String fault, String sentence) {
    private static final Set<String> GONE = Set.of("missing", "truncated", "head");

    /** Whether there is no record at the place, or none that the fault is about. */
    boolean isGone() {
      return GONE.contains(fault);
    }
  }
}
