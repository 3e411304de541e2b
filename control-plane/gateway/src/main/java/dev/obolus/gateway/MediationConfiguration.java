// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditLog;
import dev.obolus.connector.Connector;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.dispatch.Dispatcher;
import dev.obolus.gateway.freeze.FreezeAlarms;
import dev.obolus.gateway.freeze.FreezeRecords;
import dev.obolus.gateway.freeze.FreezeWatch;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.identity.TokenVerifier;
import dev.obolus.gateway.mediation.AuditedRequestMediator;
import dev.obolus.gateway.mediation.Catalogue;
import dev.obolus.gateway.mediation.DecisionIds;
import dev.obolus.gateway.mediation.MediationSettings;
import dev.obolus.gateway.mediation.Memberships;
import dev.obolus.gateway.mediation.PolicysCatalogue;
import dev.obolus.gateway.mediation.RequestMediator;
import dev.obolus.gateway.readiness.Fitness;
import dev.obolus.policy.PolicyEvaluator;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The way of a request. Connectors and delegated access come from whatever is on the class path.
 */
@Configuration(proxyBeanMethods = false)
class MediationConfiguration {
  private static final int CONCURRENT_CALLS = 256;

  @Bean
  ConnectorCatalogue connectorCatalogue(ObjectProvider<Connector> connectors) {
    return new ConnectorCatalogue(connectors.orderedStream().toList());
  }

  @Bean
  Memberships memberships(
      ConnectorCatalogue connectors, DelegatedAccessProvider access, LongSupplier nanos) {
    return new Memberships(connectors, access, nanos::getAsLong);
  }

  @Bean
  FreezeAlarms freezeAlarms(MeterRegistry meters) {
    return new FreezeAlarms(meters);
  }

  @Bean
  Freezes freezes(
      FreezeRecords records,
      DelegatedAccessProvider access,
      TokenVerifier agentVerifier,
      FreezeAlarms alarms,
      IdentitySettings identity,
      InstantSource clock,
      LongSupplier nanos) {
    return new Freezes(
        records, access::purge, agentVerifier::forgetAll, alarms, identity.tenants(), clock, nanos);
  }

  @Bean
  FreezeWatch freezeWatch(Freezes freezes) {
    return new FreezeWatch(freezes);
  }

  @Bean
  Fitness freezesAreKnown(Freezes freezes) {
    return new Fitness("freezes", freezes::isKnown);
  }

  @Bean
  Catalogue catalogue(
      ConnectorCatalogue connectors,
      Memberships memberships,
      RequestMediator mediator,
      PolicyEvaluator evaluator,
      Deployment deployment,
      InstantSource clock) {
    return new PolicysCatalogue(
        connectors,
        memberships,
        mediator,
        evaluator,
        deployment.name(),
        DecisionIds.of(clock),
        clock);
  }

  @Bean
  RequestMediator requestMediator(
      Freezes freezes,
      ConnectorCatalogue connectors,
      Memberships memberships,
      PolicyEvaluator evaluator,
      AuditLog log,
      DelegatedAccessProvider access,
      Deployment deployment,
      InstantSource clock) {
    return new AuditedRequestMediator(
        freezes,
        connectors,
        memberships,
        evaluator,
        log,
        access,
        new Dispatcher(CONCURRENT_CALLS),
        MediationSettings.of(deployment.name()),
        DecisionIds.of(clock),
        clock);
  }
}
