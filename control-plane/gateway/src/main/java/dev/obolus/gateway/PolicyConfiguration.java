// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditLog;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.gateway.identity.TokenVerifier;
import dev.obolus.gateway.operator.People;
import dev.obolus.gateway.readiness.Fitness;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The policy that travels with the product, evaluated in this JVM. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PolicySettings.class)
class PolicyConfiguration {
  private static final Duration RECORD_AGAIN = Duration.ofSeconds(1);

  @Bean
  WasmPolicyEvaluator policyEvaluator(PolicySettings settings) {
    return new WasmPolicyEvaluator(
        WasmPolicyEvaluator.Settings.DEFAULT.withBudget(settings.budget()));
  }

  @Bean
  PolicyStart policyStart(
      WasmPolicyEvaluator evaluator,
      PolicySettings settings,
      AuditLog log,
      TokenVerifier agentVerifier,
      DelegatedAccessProvider access) {
    return new PolicyStart(
        evaluator,
        settings,
        new PolicyRecords(log, RECORD_AGAIN),
        new DepartedAgents(
            () -> evaluator.facts().agents(), agentVerifier::forgetAll, access::purge));
  }

  @Bean
  Fitness policyIsWarm(WasmPolicyEvaluator evaluator) {
    return new Fitness("policy", evaluator::ready);
  }

  /** The active facts name people. */
  @Bean
  People people(WasmPolicyEvaluator evaluator) {
    return () ->
        evaluator.facts().people().stream()
            .filter(person -> !person.name().isBlank() && !person.tenant().isBlank())
            .map(PolicyConfiguration::named)
            .toList();
  }

  private static People.Named named(Facts.Person person) {
    return People.Named.of(person.tenant(), person.id(), person.name());
  }
}
