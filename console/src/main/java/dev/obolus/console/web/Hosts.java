// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers only to its own name, so that a foreign name resolved to this address (DNS rebinding)
 * reaches nothing: the public URL's host, and loopback for health checks and single machines.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
public final class Hosts implements WebFilter {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

  private final Optional<String> host;

  public Hosts(Optional<URI> publicUrl) {
    this.host = publicUrl.map(URI::getHost);
  }

  /** Whether this host name always means the machine itself. */
  public static boolean isLoopback(@Nullable String host) {
    return host != null && LOOPBACK.contains(host);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    InetSocketAddress asked = exchange.getRequest().getHeaders().getHost();
    if (asked != null && known(asked.getHostString())) {
      return chain.filter(exchange);
    }
    exchange.getResponse().setStatusCode(HttpStatus.MISDIRECTED_REQUEST);
    return exchange.getResponse().setComplete();
  }

  private boolean known(String asked) {
    return isLoopback(asked) || host.filter(asked::equalsIgnoreCase).isPresent();
  }
}
