// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** UUIDs of version 7 (RFC 9562, section 5.7): sortable by the millisecond they were made in. */
public final class DecisionIds implements Supplier<String> {
  private static final long VERSION_7 = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final InstantSource clock;
  private final RandomGenerator random;

  public DecisionIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** With a generator that reads the system's entropy when it is made, and not at each id. */
  public static DecisionIds of(InstantSource clock) {
    try {
      SecureRandom random = SecureRandom.getInstance("DRBG");
      random.nextLong();
      return new DecisionIds(clock, random);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has DRBG", e);
    }
  }

  @Override
  public String get() {
    long high = (clock.millis() << 16) | VERSION_7 | (random.nextLong() & 0xFFF);
    long low = (random.nextLong() >>> 2) | VARIANT;
    return new UUID(high, low).toString();
  }
}
