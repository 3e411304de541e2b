// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.ChainId;
import java.util.Optional;

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
      String state,
      boolean keyed,
      long records,
      long chains,
      Optional<Bad> firstBad,
      long tookMs) {}

  record Bad(Place place, String fault, String sentence) {}
}
