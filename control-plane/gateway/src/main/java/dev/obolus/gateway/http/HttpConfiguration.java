// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.audit.AuditLog;
import dev.obolus.gateway.Deployment;
import dev.obolus.gateway.GatewaySettings;
import dev.obolus.gateway.identity.BearerSecurity;
import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.identity.TokenVerifier;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import tools.jackson.databind.json.JsonMapper;

/** The agents' door. Whatever is neither theirs nor an operator's is closed. */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
class HttpConfiguration {

  @Bean
  EnvelopeFilter envelopeFilter(Deployment deployment, SecureRandom random, LongSupplier nanos) {
    return new EnvelopeFilter(deployment, random, nanos);
  }

  @Bean
  ProblemWriter problemWriter(JsonMapper json, Deployment deployment, MeterRegistry meters) {
    return new ProblemWriter(json, deployment, meters);
  }

  @Bean
  Rejections rejections(AuditLog log, InstantSource clock, GatewaySettings settings) {
    return new Rejections(log, clock, settings.limits().rejections());
  }

  @Bean
  Refusals refusals(ProblemWriter writer, Rejections rejections) {
    return new Refusals(writer, rejections);
  }

  @Bean
  Bodies bodies(GatewaySettings settings) {
    return new Bodies(settings.limits());
  }

  @Bean
  JsonAnswers jsonAnswers(Bodies bodies, ProblemWriter writer) {
    return new JsonAnswers(bodies, writer);
  }

  @Bean
  Answers answers(IdentitySettings identity) {
    return new Answers(identity.authority().toString());
  }

  @Bean
  @Order(0)
  SecurityWebFilterChain agentsDoor(
      ServerHttpSecurity http,
      TokenVerifier agentVerifier,
      Refusals refusals,
      GatewaySettings settings,
      LongSupplier nanos) {
    return BearerSecurity.resourceServer(http, agentVerifier, refusals)
        .securityMatcher(ServerWebExchangeMatchers.pathMatchers("/v1/**"))
        .addFilterAfter(
            RateLimitFilter.of(settings.limits(), nanos), SecurityWebFiltersOrder.AUTHORIZATION)
        .authorizeExchange(exchanges -> exchanges.anyExchange().authenticated())
        .build();
  }

  /** Who may reach a management port of its own is said by its address and the network. */
  @Bean
  @Order(1)
  @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
  SecurityWebFilterChain managementPort(
      ServerHttpSecurity http, TokenVerifier agentVerifier, Refusals refusals) {
    return BearerSecurity.resourceServer(http, agentVerifier, refusals)
        .securityMatcher(EndpointRequest.to("prometheus", "health"))
        .authorizeExchange(exchanges -> exchanges.anyExchange().permitAll())
        .build();
  }

  /** Nobody reads how often which filter ran, and each request would pay for it. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  SecurityWebFilterChain closed(
      ServerHttpSecurity http, TokenVerifier agentVerifier, Refusals refusals) {
    return BearerSecurity.resourceServer(http, agentVerifier, refusals)
        .authorizeExchange(exchanges ->
            exchanges
                .pathMatchers("/actuator/health/readiness")
                .permitAll()
                .pathMatchers("/actuator/**")
                .denyAll()
                .anyExchange()
                .authenticated())
        .build();
  }
}
