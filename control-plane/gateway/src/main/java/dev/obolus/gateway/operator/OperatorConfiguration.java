// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.gateway.GatewaySettings;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.http.RateLimitFilter;
import dev.obolus.gateway.identity.BearerSecurity;
import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.identity.TokenVerifier;
import dev.obolus.gateway.identity.VerifierFactory;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;

/** The operators' door: the same issuer, another application of it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({OperatorSettings.class, RetentionSettings.class})
class OperatorConfiguration {

  @Bean
  OperatorGate operatorGate(
      OperatorSettings settings, AuditLog log, Freezes freezes, InstantSource clock) {
    return new OperatorGate(settings, log, freezes, clock);
  }

  @Bean
  Freezing freezing(
      OperatorGate gate,
      AuditLog log,
      Freezes freezes,
      Pseudonyms pseudonyms,
      IdentitySettings identity) {
    return new Freezing(gate, log, freezes, pseudonyms, Freezing.thread(), identity.tenants());
  }

  @Bean
  Proposals proposals(
      OperatorGate gate,
      AuditReader reader,
      Pseudonyms pseudonyms,
      LogVerification verification,
      BlockingWork blocking) {
    return new Proposals(gate, reader, pseudonyms, verification, blocking, Clock.systemUTC());
  }

  @Bean
  Forgetting forgetting(
      OperatorGate gate,
      AuditLog log,
      PersonalValues values,
      Proposals proposals,
      RetentionSettings retention,
      Freezes freezes) {
    return new Forgetting(gate, log, values, proposals, retention, freezes, Clock.systemUTC());
  }

  @Bean
  Pruning pruning(
      OperatorGate gate,
      AuditLog log,
      PrunePlanning planning,
      Proposals proposals,
      LogVerification verification,
      BlockingWork blocking,
      RetentionSettings retention,
      Freezes freezes) {
    return new Pruning(
        gate,
        log,
        planning,
        proposals,
        verification,
        blocking,
        retention,
        freezes,
        Clock.systemUTC());
  }

  @Bean
  BlockingWork operatorWork() {
    return new BlockingWork();
  }

  @Bean
  @Order(1)
  SecurityWebFilterChain operatorsDoor(
      ServerHttpSecurity http,
      VerifierFactory verifiers,
      IdentitySettings identity,
      OperatorSettings settings,
      GatewaySettings gateway,
      LongSupplier nanos,
      ServerAuthenticationEntryPoint refusals) {
    return BearerSecurity.resourceServer(http, verifier(verifiers, identity, settings), refusals)
        .securityMatcher(ServerWebExchangeMatchers.pathMatchers("/operator/**"))
        .addFilterAfter(
            RateLimitFilter.of(gateway.limits(), nanos), SecurityWebFiltersOrder.AUTHORIZATION)
        .authorizeExchange(exchanges -> exchanges.anyExchange().authenticated())
        .build();
  }

  /**
   * Takes tokens of every tenant that is served, so that another tenant's operator is refused on
   * the record; which tenants' roles count, {@link OperatorGate} says. Without an audience or a
   * client configured it takes none.
   */
  private static TokenVerifier verifier(
      VerifierFactory verifiers, IdentitySettings identity, OperatorSettings settings) {
    Set<String> tenants =
        Stream.concat(identity.tenants().stream(), settings.tenants().stream())
            .collect(Collectors.toSet());
    Set<String> audiences = settings.audience().isBlank() ? Set.of() : Set.of(settings.audience());
    Set<String> clients = settings.clients().isEmpty() ? Set.of("-") : settings.clients();
    return verifiers.trusting(identity.trusting(tenants, audiences, settings.scope(), clients));
  }
}
