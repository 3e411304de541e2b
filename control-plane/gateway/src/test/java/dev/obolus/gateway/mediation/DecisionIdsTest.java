// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DecisionIdsTest {
  @Test
  void anIdIsAUuidOfVersionSevenThatBeginsWithItsMillisecond() {
    Instant now = Instant.ofEpochMilli(0x0193_4D2C_8F11L);
    UUID id = UUID.fromString(new DecisionIds(InstantSource.fixed(now), new Random(1)).get());

    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.toString()).startsWith("01934d2c-8f11-7");
  }

  @Test
  void laterIdsSortAfterEarlierOnes() {
    String earlier = DecisionIds.of(InstantSource.fixed(Instant.ofEpochMilli(1_000))).get();
    String later = DecisionIds.of(InstantSource.fixed(Instant.ofEpochMilli(1_001))).get();

    assertThat(earlier).isLessThan(later);
  }
}
