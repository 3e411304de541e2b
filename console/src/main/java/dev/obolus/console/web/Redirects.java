// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** After a POST, a GET. */
public final class Redirects {
  private Redirects() {}

  /** Answers 303: look there. */
  public static Mono<Void> seeOther(ServerWebExchange exchange, URI to) {
    exchange.getResponse().setStatusCode(HttpStatus.SEE_OTHER);
    exchange.getResponse().getHeaders().setLocation(to);
    return exchange.getResponse().setComplete();
  }
}
