// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Leaves the event loop before anything is answered.
 *
 * <p>Up to version 1.3.7 Reactor Netty stops reading a kept-alive connection when a request that
 * was queued is answered synchronously (reactor-netty issue 4361): the browser's next request then
 * waits for ever. Sign-in is a row of such redirects; one in fifty hung.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class OffTheLoop implements WebFilter {

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return chain.filter(exchange).subscribeOn(Schedulers.parallel());
  }
}
