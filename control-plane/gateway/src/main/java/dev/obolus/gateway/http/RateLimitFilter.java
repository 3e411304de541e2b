// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.GatewaySettings;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.identity.Caller;
import java.util.function.LongSupplier;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Refuses a caller over his rate before a byte of the body is read. */
public final class RateLimitFilter implements WebFilter {
  private final RateLimiter limiter;

  /** A door's own limiter, by the configured limits. */
  public static RateLimitFilter of(GatewaySettings.Limits limits, LongSupplier nanos) {
    return new RateLimitFilter(new RateLimiter(limits.rate(), limits.burst(), nanos));
  }

  private RateLimitFilter(RateLimiter limiter) {
    this.limiter = limiter;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return ReactiveSecurityContextHolder.getContext()
        .mapNotNull(SecurityContext::getAuthentication)
        .mapNotNull(Authentication::getPrincipal)
        .ofType(Caller.class)
        .doOnNext(this::take)
        .then(chain.filter(exchange));
  }

  private void take(Caller caller) {
    limiter
        .take(caller.facts())
        .ifPresent(wait -> {
          throw Refusal.later(ErrorCode.RATE_LIMITED, ErrorCode.RATE_LIMITED.sentence(), wait);
        });
  }
}
