// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import java.util.Map;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Reads and writes JSON as this door does, for the operators' door. */
public final class JsonAnswers {
  private final Bodies bodies;
  private final ProblemWriter writer;

  JsonAnswers(Bodies bodies, ProblemWriter writer) {
    this.bodies = bodies;
    this.writer = writer;
  }

  /** One strict JSON object; an error signal that becomes a problem otherwise. */
  public Mono<Map<String, Object>> read(ServerWebExchange exchange) {
    return bodies.read(exchange.getRequest()).map(StrictJson::read);
  }

  public Mono<Void> write(ServerWebExchange exchange, int status, Map<String, Object> body) {
    return writer.write(exchange, status, body);
  }
}
