// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code GET /actuator/health/readiness}. */
@Configuration(proxyBeanMethods = false)
class ReadinessConfiguration {

  @Bean
  FitnessIndicator fitnessHealthIndicator(List<Fitness> conditions) {
    return new FitnessIndicator(conditions);
  }
}
