// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** A clock that is set. */
final class SteppedClock extends Clock {
  private volatile Duration by = Duration.ZERO;
  private volatile @Nullable Instant still;

  /** It goes on no more by itself. */
  void stopAt(Instant instant) {
    still = instant;
  }

  synchronized void step(Duration further) {
    by = by.plus(further);
  }

  @Override
  public Instant instant() {
    Instant fixed = still;
    return (fixed == null ? Instant.now() : fixed).plus(by);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
