// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.audit.ChainId;
import java.time.Instant;
import java.util.Optional;

/**
 * A freeze, as its sealed record tells it.
 *
 * @param record where it is sealed: also its name
 * @param person pseudonym of the person who is frozen, where one is
 * @param until when it ends by itself, if it does
 * @param operator pseudonym of who set it
 * @param reason in the operator's words
 */
public record Freeze(
    Place record,
    Scope scope,
    Optional<String> person,
    Instant since,
    Optional<Instant> until,
    String operator,
    String reason) {

  /** Whether its time has not run out. */
  public boolean lasts(Instant now) {
    return until.isEmpty() || until.get().isAfter(now);
  }

  /** Where a record stands. */
  public record Place(ChainId chain, long seq) {
    /** As a record says it: chain, space, seq. */
    public static Place parse(String text) {
      int space = text.indexOf(' ');
      return new Place(
          ChainId.parse(text.substring(0, Math.max(space, 0))),
          Long.parseLong(text.substring(space + 1)));
    }

    @Override
    public String toString() {
      return chain + " " + seq;
    }
  }
}
