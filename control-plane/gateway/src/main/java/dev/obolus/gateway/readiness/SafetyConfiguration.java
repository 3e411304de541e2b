// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.List;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** Looks at the settings before any bean is made. */
@Configuration(proxyBeanMethods = false)
class SafetyConfiguration {

  @Bean
  static BeanFactoryPostProcessor settingsCheck(ConfigurableEnvironment environment) {
    return _ -> refuseIfUnsafe(environment);
  }

  private static void refuseIfUnsafe(ConfigurableEnvironment environment) {
    List<String> faults = SettingsCheck.faultsOf(environment);
    if (!faults.isEmpty()) {
      throw new UnsafeSettings(faults);
    }
  }
}
