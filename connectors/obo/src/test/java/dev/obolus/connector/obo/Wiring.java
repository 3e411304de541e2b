// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.springframework.web.reactive.function.client.WebClient;

/** The primitive's parts put together as the gateway does, with what a test wants to see. */
final class Wiring {
  final MeterRegistry meters = new SimpleMeterRegistry();
  final Alerts alerts = new Alerts(meters);
  final Breakers breakers;
  private final InstantSource clock;

  Wiring(InstantSource clock) {
    this.clock = clock;
    this.breakers = new Breakers(clock);
  }

  Wiring() {
    this(InstantSource.system());
  }

  Credentials credentials(ClientCredential... all) {
    return new Credentials(List.of(all), alerts);
  }

  TokenEndpoint endpoint(Credentials credentials) {
    return new TokenEndpoint(
        WebClient.create(),
        new TokenEndpoint.Settings(Duration.ofSeconds(2), Duration.ofSeconds(1)),
        credentials,
        breakers,
        new Random(1),
        alerts,
        clock);
  }

  OboExchange entra(URI authority, String clientId, ClientCredential... credentials) {
    return new EntraOboExchange(
        new EntraOboExchange.Settings(authority, clientId, false),
        endpoint(credentials(credentials)));
  }

  Cached cached(OboExchange exchange, long most, Ticker ticker) {
    return cached(exchange, most, ticker, new Random(1));
  }

  Cached cached(OboExchange exchange, long most, Ticker ticker, Random random) {
    var cacheMeters = new CacheMeters(meters);
    var tokens = new TokenCache(most, clock, ticker, cacheMeters);
    return new Cached(
        new CachedDelegatedAccess(
            exchange,
            new CachedDelegatedAccess.Settings(
                "https://login gateway", Duration.ofMinutes(30), Duration.ofMinutes(1)),
            tokens,
            new Refusals(clock, ticker),
            new Generations(1_000, ticker),
            clock,
            random,
            cacheMeters),
        tokens);
  }

  record Cached(CachedDelegatedAccess provider, TokenCache tokens) {}

  double count(String name, String... tags) {
    return meters.find(name).tags(tags).counters().stream().mapToDouble(c -> c.count()).sum();
  }

  double alerts(Alerts.Kind kind) {
    return count("obolus.obo.alerts", "kind", kind.name().toLowerCase(java.util.Locale.ROOT));
  }
}
