// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.Deployment;
import dev.obolus.gateway.ErrorCode;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Writes answers and problems, and tells the log line and the metrics which it was: by code. */
final class ProblemWriter {
  private final JsonMapper json;
  private final Deployment deployment;
  private final MeterRegistry meters;

  ProblemWriter(JsonMapper json, Deployment deployment, MeterRegistry meters) {
    this.json = json;
    this.deployment = deployment;
    this.meters = meters;
  }

  Mono<Void> write(ServerWebExchange exchange, Problem problem) {
    ServerHttpResponse response = exchange.getResponse();
    problem.headers().forEach(response.getHeaders()::set);
    note(exchange, problem.code().word());
    return send(
        response,
        problem.status(),
        MediaType.APPLICATION_PROBLEM_JSON,
        problem.body(Envelope.of(exchange)));
  }

  Mono<Void> write(ServerWebExchange exchange, int status, Map<String, Object> body) {
    note(exchange, "ok");
    return send(exchange.getResponse(), status, MediaType.APPLICATION_JSON, body);
  }

  private void note(ServerWebExchange exchange, String code) {
    Envelope.of(exchange).tell("code", code);
    meters.counter("obolus.requests", "code", code).increment();
  }

  private Mono<Void> send(
      ServerHttpResponse response, int status, MediaType type, Map<String, Object> body) {
    if (response.isCommitted() || !response.setStatusCode(HttpStatusCode.valueOf(status))) {
      return Mono.error(() -> new IllegalStateException(ErrorCode.INTERNAL.word()));
    }
    response.getHeaders().setContentType(type);
    if (deployment.demo()) {
      body.put("environment", deployment.name());
    }
    return response.writeWith(
        Mono.fromCallable(() -> buffer(response, json.writeValueAsBytes(body))));
  }

  private static DataBuffer buffer(ServerHttpResponse response, byte[] bytes) {
    response.getHeaders().setContentLength(bytes.length);
    return response.bufferFactory().wrap(bytes);
  }
}
