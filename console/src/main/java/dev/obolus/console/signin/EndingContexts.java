// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.server.context.ServerSecurityContextRepository;
import org.springframework.security.web.server.context.WebSessionServerSecurityContextRepository;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;
import reactor.core.publisher.Mono;

/** Sessions end when the operator token does: what is left of one is thrown away on sight. */
final class EndingContexts implements ServerSecurityContextRepository {
  static final String ENDED = EndingContexts.class.getName() + ".ended";

  private final ServerSecurityContextRepository sessions =
      new WebSessionServerSecurityContextRepository();
  private final Clock clock;

  EndingContexts(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Mono<Void> save(ServerWebExchange exchange, @Nullable SecurityContext context) {
    return sessions.save(exchange, context);
  }

  @Override
  public Mono<SecurityContext> load(ServerWebExchange exchange) {
    return sessions.load(exchange).flatMap(context -> stillOn(exchange, context));
  }

  private Mono<SecurityContext> stillOn(ServerWebExchange exchange, SecurityContext context) {
    return on(context.getAuthentication())
        ? Mono.just(context)
        : exchange
            .getSession()
            .doOnNext(session -> exchange.getAttributes().put(ENDED, true))
            .flatMap(WebSession::invalidate)
            .then(Mono.empty());
  }

  private boolean on(@Nullable Authentication authentication) {
    return authentication != null
        && authentication.getPrincipal() instanceof SignedIn signedIn
        && signedIn.operator().until().isAfter(clock.instant());
  }
}
