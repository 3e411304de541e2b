// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RetentionSettingsTest {
  private static final YearMonth MONTH = YearMonth.of(2025, 9);
  private static final String LONGER = "0b010500-0000-4000-8000-000000000009";

  @Test
  void thirteenMonthsAfterItsEndAMonthsRecordsMayGo() {
    RetentionSettings unset = bound(Map.of());
    assertThat(unset.mayGo("any", MONTH)).isEqualTo(Instant.parse("2026-11-01T00:00:00Z"));
    assertThat(unset.legalHolds()).isEmpty();
  }

  @Test
  void tenantsMayDifferAndTheMinimumIsKeptInAnyCase() {
    RetentionSettings set =
        bound(
            Map.of(
                "obolus.audit.retention.months",
                "2",
                "obolus.audit.retention.minimum",
                "100d",
                "obolus.audit.retention.tenants." + LONGER,
                "24"));
    assertThat(set.mayGo("any", MONTH)).isEqualTo(Instant.parse("2026-01-09T00:00:00Z"));
    assertThat(set.mayGo(LONGER, MONTH)).isEqualTo(Instant.parse("2027-10-01T00:00:00Z"));
    assertThat(set.rule(List.of(LONGER, "any"))).isEqualTo(LONGER + "=24m any=2m minimum=100d");
  }

  @Test
  void lessThanAMonthIsNoRetention() {
    assertThatThrownBy(() -> new RetentionSettings(Duration.ZERO, Set.of(), 0, Map.of()))
        .hasMessageContaining("at least one month");
    assertThatThrownBy(() -> new RetentionSettings(Duration.ZERO, Set.of(), 1, Map.of("t", 0)))
        .hasMessageContaining("at least one month");
  }

  private static RetentionSettings bound(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("obolus.audit.retention", Bindable.of(RetentionSettings.class));
  }
}
