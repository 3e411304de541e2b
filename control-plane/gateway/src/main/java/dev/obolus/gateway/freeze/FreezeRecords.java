// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.gateway.freeze.Freeze.Place;
import java.util.List;

/** Reads freezes in the log, and whether a key vouches for them. Blocks; one thread at a time. */
public interface FreezeRecords {

  /** Where there is something that calls itself a freeze, or the end of one: earliest first. */
  List<Place> places() throws Exception;

  /**
   * What stands there.
   *
   * @param ours this very process sealed it, so that nothing more vouches for it
   */
  Reading read(Place place, boolean ours) throws Exception;

  /** What is known of a record. */
  sealed interface Reading {}

  /**
   * A freeze.
   *
   * @param readable whether it is still known who is frozen; if not, the whole tenant is
   * @param certain whether a key vouches for it; else nobody can tell yet, it holds, and is to be
   *     read again
   */
  record Begun(Freeze freeze, boolean readable, boolean certain) implements Reading {}

  /** The end of a freeze that was sealed. */
  record Ended(Place freeze, String operator) implements Reading {}

  /** May be the end of a freeze, which nobody can tell yet: to be read again. */
  record Unsure() implements Reading {}

  /** Nothing that was sealed: somebody wrote it into the database. */
  record Forged() implements Reading {}
}
