// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import reactor.core.publisher.Mono;

/** What the agents' and the operators' doors have in common: a resource server, and no session. */
public final class BearerSecurity {
  private BearerSecurity() {}

  /** Lets in whoever the verifier knows, as a {@link Caller} principal. */
  public static ServerHttpSecurity resourceServer(
      ServerHttpSecurity http, TokenVerifier verifier, ServerAuthenticationEntryPoint refusals) {
    ReactiveAuthenticationManager manager = presented -> authenticate(verifier, presented);
    return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
        .logout(ServerHttpSecurity.LogoutSpec::disable)
        .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
        .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
        .exceptionHandling(handling ->
            handling
                .authenticationEntryPoint(refusals)
                .accessDeniedHandler((_, denied) -> Mono.error(denied)))
        .oauth2ResourceServer(server ->
            server
                .bearerTokenConverter(new BearerTokens())
                .authenticationManagerResolver(_ -> Mono.just(manager))
                .authenticationEntryPoint(refusals));
  }

  private static Mono<Authentication> authenticate(
      TokenVerifier verifier, Authentication presented) {
    return presented instanceof PresentedToken token
        ? verifier.verify(token.text()).map(CallerAuthentication::new)
        : Mono.error(() -> new TokenRefused(TokenFault.NOT_A_BEARER_TOKEN));
  }
}
