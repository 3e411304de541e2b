// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How long an erasure that nobody signed yet is waited for. Between its record and the checkpoint
 * that covers it lies a second; but whoever has the database and no key can write one too, and is
 * not to be believed for long.
 *
 * @param newest when the newest checkpoint was made; empty if there is none
 */
record Waiting(Optional<Instant> newest, Instant now) {
  /** By that much clocks differ at most, and a record is on its way. */
  private static final Duration ON_ITS_WAY = Duration.ofMinutes(1);

  /** For so long the log's signer may be away. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** Whether a record of that time may still come under a checkpoint. */
  boolean isWorthWhile(Instant at) {
    return newest.filter(signed -> signed.isAfter(at.plus(ON_ITS_WAY))).isEmpty()
        && Duration.between(at, now).abs().compareTo(LONGEST) <= 0;
  }
}
