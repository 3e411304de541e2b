// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** A closed loop: so many callers, each asking again as soon as it was answered. */
final class LoadGenerator {
  private static final String OK = "ok";
  private static final Pattern CODE =
      Pattern.compile("\"reasons\":\\[\\{\"code\":\"([^\"]+)\"|\"code\":\"([a-z_]+)\"");

  private final HttpClient client;
  private final String body;
  private final List<String> tokens;

  LoadGenerator(String gateway, List<String> tokens, String body, int callers) {
    this.client =
        HttpClient.create(
                ConnectionProvider.builder("load")
                    .maxConnections(callers)
                    .pendingAcquireMaxCount(callers * 2)
                    .build())
            .baseUrl(gateway)
            .headers(h -> h.set("Content-Type", "application/json"));
    this.body = body;
    this.tokens = List.copyOf(tokens);
  }

  Report run(int callers, Duration time) {
    ConcurrentMap<String, LongAdder> failures = new ConcurrentHashMap<>();
    AtomicBoolean stop = new AtomicBoolean();
    List<Long> nanos = Collections.synchronizedList(new ArrayList<>());
    long start = System.nanoTime();
    Mono<Void> timer = Mono.delay(time).doOnNext(_ -> stop.set(true)).then();
    Flux.range(0, callers)
        .flatMap(
            caller ->
                Mono.defer(() -> ask(caller, nanos, failures)).repeat(() -> !stop.get()).then(),
            callers)
        .then()
        .and(timer)
        .block(time.plusSeconds(60));
    return Report.of(nanos, failures, System.nanoTime() - start);
  }

  private Mono<String> ask(
      int caller, List<Long> nanos, ConcurrentMap<String, LongAdder> failures) {
    long start = System.nanoTime();
    return client
        .headers(h -> h.set("Authorization", "Bearer " + tokens.get(caller % tokens.size())))
        .post()
        .uri("/v1/requests")
        .send(
            Mono.fromSupplier(() ->
                Unpooled.wrappedBuffer(body.getBytes(java.nio.charset.StandardCharsets.UTF_8))))
        .responseSingle((response, content) ->
            content
                .asString()
                .defaultIfEmpty("")
                .map(body -> response.status().code() == 200 ? OK : refusal(body)))
        .onErrorReturn("connection")
        .doOnNext(outcome -> {
          nanos.add(System.nanoTime() - start);
          if (!outcome.equals(OK)) {
            failures.computeIfAbsent(outcome, _ -> new LongAdder()).increment();
          }
        });
  }

  /** The first reason's or else the problem's code. */
  private static String refusal(String body) {
    Matcher code = CODE.matcher(body);
    return code.find()
        ? Objects.requireNonNullElseGet(code.group(1), () -> code.group(2))
        : "no code";
  }

  /** What came of a run; latencies in milliseconds. */
  record Report(
      long requests,
      Map<String, LongAdder> failures,
      double perSecond,
      double p50,
      double p99,
      double max) {
    static Report of(List<Long> nanos, Map<String, LongAdder> failures, long elapsed) {
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      return new Report(
          sorted.length,
          failures,
          sorted.length / (elapsed / 1e9),
          at(sorted, 0.50),
          at(sorted, 0.99),
          at(sorted, 1));
    }

    private static double at(long[] sorted, double quantile) {
      return sorted.length == 0
          ? Double.NaN
          : sorted[(int) Math.min(sorted.length - 1L, Math.round(quantile * sorted.length))] / 1e6;
    }
  }
}
