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
   * @param state {@code verified · broken · pending}, of one record also {@code pruned}
   * @param keyed whether MACs were checked too
   * @param signed whether the log's own signature was found to cover it, by its public keys
   * @param noted of every tenant, without a bound
   */
  record Report(
      String state,
      boolean keyed,
      boolean signed,
      long records,
      long chains,
      Optional<Bad> firstBad,
      Noted noted,
      long tookMs) {

    /** Whether a key vouches for it: hashes alone are what anybody can make. */
    boolean isSealed() {
      return switch (state) {
        case "verified" -> signed || keyed;
        case "pending" -> keyed;
        default -> false;
      };
    }

    /** Whether a key may yet vouch for it. */
    boolean isPending() {
      return state.equals("pending") && !isSealed();
    }

    /** The same, without saying where. */
    Report placeless() {
      return new Report(state, keyed, signed, records, chains, Optional.empty(), noted, tookMs);
    }

    /** The same, and of what is listed only what is of these tenants. */
    Report toldTo(Set<String> visible) {
      return new Report(state, keyed, signed, records, chains, firstBad, noted.of(visible), tookMs);
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
