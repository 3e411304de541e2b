// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The content security policy, with a nonce of this request.
 *
 * <p>Guarantees: set before anything else runs, so pages that say what went wrong carry it too. No
 * inline script or style runs without the nonce, no string becomes code, nobody frames the console.
 * {@code form-action} names the identity provider because sign-out is a form whose answer leads
 * there, and browsers check redirects as well.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
public final class SecurityHeaders implements WebFilter {
  private static final String NONCE = SecurityHeaders.class.getName() + ".nonce";
  private static final int NONCE_BYTES = 18;

  private final SecureRandom random;
  private final String identityProvider;

  /**
   * With the identity provider's origin, as browsers reach it.
   *
   * @param identityProvider scheme, host and port
   */
  public SecurityHeaders(SecureRandom random, String identityProvider) {
    this.random = random;
    this.identityProvider = identityProvider;
  }

  static String nonce(ServerWebExchange exchange) {
    return exchange.getAttributeOrDefault(NONCE, "");
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    var bytes = new byte[NONCE_BYTES];
    random.nextBytes(bytes);
    var nonce = Base64.getEncoder().encodeToString(bytes);
    exchange.getAttributes().put(NONCE, nonce);
    exchange.getResponse().getHeaders().set("Content-Security-Policy", policy(nonce));
    return chain.filter(exchange);
  }

  private String policy(String nonce) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'nonce-" + nonce + "' 'strict-dynamic'",
        "style-src 'self' 'nonce-" + nonce + "'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self' " + identityProvider,
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'");
  }
}
