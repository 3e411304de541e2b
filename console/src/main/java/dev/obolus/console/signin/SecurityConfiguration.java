// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.web.Pages;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.AuthorizeExchangeSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HeaderSpec;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.header.CrossOriginOpenerPolicyServerHttpHeadersWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.server.header.ReferrerPolicyServerHttpHeadersWriter.ReferrerPolicy;
import org.springframework.security.web.server.header.XFrameOptionsServerHttpHeadersWriter.Mode;

/** Who may ask for what. */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
class SecurityConfiguration {

  @Bean
  Doors doors(SignInSettings settings, Viewers viewers, Arrival arrival, Pages pages, Clock clock) {
    return new Doors(settings, viewers, arrival, pages, clock);
  }

  @Bean
  SecurityWebFilterChain chain(
      ServerHttpSecurity http,
      Doors doors,
      ReactiveClientRegistrationRepository registrations,
      Clock clock) {
    return http.authorizeExchange(SecurityConfiguration::rules)
        .securityContextRepository(new EndingContexts(clock))
        .oauth2Login(login ->
            login
                .authorizationRequestResolver(new SignInRequests(registrations))
                .securityContextRepository(new EndingContexts(clock))
                .authenticationSuccessHandler(doors::in)
                .authenticationFailureHandler(doors::notIn))
        .logout(out -> out.logoutUrl("/sign-out").logoutSuccessHandler(doors::out))
        .csrf(csrf -> csrf.accessDeniedHandler(doors::denied))
        .exceptionHandling(
            no -> no.authenticationEntryPoint(doors::stranger).accessDeniedHandler(doors::denied))
        .headers(SecurityConfiguration::headers)
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
        .build();
  }

  private static void rules(AuthorizeExchangeSpec may) {
    may.pathMatchers("/assets/**", "/actuator/health", "/actuator/health/**")
        .permitAll()
        .pathMatchers("/signed-out", "/session-expired", "/sign-in-failed")
        .permitAll()
        .pathMatchers("/audit", "/audit/**", "/stream")
        .hasAnyRole(Operator.READERS.toArray(String[]::new))
        .anyExchange()
        .authenticated();
  }

  private static void headers(HeaderSpec headers) {
    headers
        .frameOptions(frame -> frame.mode(Mode.DENY))
        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
        .crossOriginOpenerPolicy(opener -> opener.policy(CrossOriginOpenerPolicy.SAME_ORIGIN));
  }
}
