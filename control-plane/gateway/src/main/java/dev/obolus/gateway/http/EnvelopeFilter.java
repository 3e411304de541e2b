// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.Deployment;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;

/** The outermost filter: ids, headers that every answer carries, and the one line at the end. */
final class EnvelopeFilter implements WebFilter, Ordered {
  static final String REQUEST_ID = "X-Request-Id";
  static final String ENVIRONMENT = "Obolus-Environment";
  private static final Logger LOG = LoggerFactory.getLogger("dev.obolus.gateway.requests");

  private final Deployment deployment;
  private final SecureRandom random;
  private final LongSupplier nanos;

  EnvelopeFilter(Deployment deployment, SecureRandom random, LongSupplier nanos) {
    this.deployment = deployment;
    this.random = random;
    this.nanos = nanos;
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    Envelope envelope = new Envelope(id(), traceId(exchange));
    long start = nanos.getAsLong();
    envelope.attachTo(exchange);
    exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> mark(exchange, envelope)));
    return chain
        .filter(exchange)
        .doFinally(signal -> log(exchange, envelope, signal, nanos.getAsLong() - start))
        // Reactor Netty up to 1.3.7 stops reading a kept connection when a request that was queued
        // is answered on its event loop at once (reactor-netty issue 4361).
        .subscribeOn(Schedulers.parallel());
  }

  private String traceId(ServerWebExchange exchange) {
    String header = exchange.getRequest().getHeaders().getFirst("traceparent");
    return TraceParent.traceId(header).orElseGet(this::id);
  }

  private String id() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void mark(ServerWebExchange exchange, Envelope envelope) {
    HttpHeaders headers = exchange.getResponse().getHeaders();
    headers.set(REQUEST_ID, envelope.requestId());
    headers.setCacheControl("no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    if (deployment.demo()) {
      headers.set(ENVIRONMENT, deployment.name());
    }
  }

  private static void log(
      ServerWebExchange exchange, Envelope envelope, SignalType signal, long nanos) {
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("request_id", envelope.requestId())
            .addKeyValue("trace_id", envelope.traceId())
            .addKeyValue("status", status == null ? 0 : status.value())
            .addKeyValue("ended", signal == SignalType.CANCEL ? "cancelled" : "answered")
            .addKeyValue("took_ms", Duration.ofNanos(nanos).toMillis());
    for (var fact : envelope.facts().entrySet()) {
      line = line.addKeyValue(fact.getKey(), fact.getValue());
    }
    line.log("request");
  }
}
