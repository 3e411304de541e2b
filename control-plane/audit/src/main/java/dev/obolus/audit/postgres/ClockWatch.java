// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.chain.Sealable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Tells when the clock was set: between two looks it went more than 100 ms further, or less far,
 * than time did. A slow correction is not a step. Not for several threads.
 */
final class ClockWatch {
  private static final Duration STEP = Duration.ofMillis(100);
  private static final long AT_ONCE_NANOS = 20_000_000;

  private final Clock clock;
  private final LongSupplier nanos;
  private Instant wall;
  private long elapsed;

  /**
   * @param nanos time that nobody sets
   */
  ClockWatch(Clock clock, LongSupplier nanos) {
    this.clock = clock;
    this.nanos = nanos;
    this.wall = clock.instant();
    this.elapsed = nanos.getAsLong();
  }

  Optional<Sealable.ClockStep> look() {
    long before = nanos.getAsLong();
    Instant found = clock.instant();
    if (nanos.getAsLong() - before > AT_ONCE_NANOS) {
      return Optional.empty(); // held up between the two readings: they say nothing of each other
    }
    Instant expected = wall.plusNanos(before - elapsed);
    wall = found;
    elapsed = before;
    return Duration.between(expected, found).abs().compareTo(STEP) > 0
        ? Optional.of(new Sealable.ClockStep(expected, found))
        : Optional.empty();
  }
}
