// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Refuses a request whose media types cannot be read, before anything else reads them. */
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
public final class ReadableHeaders implements WebFilter {

  /** A header that holds no media type where one belongs. */
  static final class UnreadableHeader extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String name;

    UnreadableHeader(String name) {
      super(name);
      this.name = name;
    }

    String name() {
      return name;
    }
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return unreadable(exchange.getRequest().getHeaders())
        .<Mono<Void>>map(name -> Mono.error(() -> new UnreadableHeader(name)))
        .orElseGet(() -> chain.filter(exchange));
  }

  private static Optional<String> unreadable(HttpHeaders headers) {
    if (fails(headers::getAccept)) {
      return Optional.of(HttpHeaders.ACCEPT);
    }
    return fails(headers::getContentType)
        ? Optional.of(HttpHeaders.CONTENT_TYPE)
        : Optional.empty();
  }

  private static boolean fails(Supplier<? extends @Nullable Object> reading) {
    try {
      var _ = reading.get();
      return false;
    } catch (IllegalArgumentException notAMediaType) {
      return true;
    }
  }
}
