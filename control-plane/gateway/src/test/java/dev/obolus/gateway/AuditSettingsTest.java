// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class AuditSettingsTest {
  @Test
  void standbyIsRequiredWhereItIsSaidAndNowhereElse() {
    assertThat(requiresStandby(Map.of("obolus.audit.require-standby", "true"))).isTrue();
    assertThat(requiresStandby(Map.of())).isFalse();
  }

  private static boolean requiresStandby(Map<String, String> set) {
    AuditSettings settings =
        new Binder(new MapConfigurationPropertySource(set))
            .bindOrCreate("obolus.audit", AuditSettings.class);
    return AuditConfiguration.log(settings, "test", Map.of()).requireStandby();
  }
}
