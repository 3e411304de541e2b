// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.gateway.Refusal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be asked to be frozen. */
class FreezeBodyTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @Test
  void aFreezeMayEndWithinAYear() {
    assertThat(FreezeBody.read(body("2027-11-21T10:00:00Z"), NOW).until())
        .contains(Instant.parse("2027-11-21T10:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-21T10:00:00Z",
        "2027-11-23T10:00:00Z",
        "+300000-01-01T00:00:00Z",
        "+1000000000-12-31T23:59:59Z",
        "tomorrow"
      })
  void anyOtherEndIsRefused(String until) {
    assertThatThrownBy(() -> FreezeBody.read(body(until), NOW)).isInstanceOf(Refusal.class);
  }

  private static Map<String, Object> body(String until) {
    return Map.of("scope", "everything", "reason", "a test", "until", until);
  }
}
