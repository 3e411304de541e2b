// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What an identity provider shows of a tenant now: for whoever examines a configuration. */
public final class IssuerProbe {
  private final WebClient http;
  private final IdentitySettings settings;
  private final InstantSource clock;

  IssuerProbe(WebClient http, IdentitySettings settings, InstantSource clock) {
    this.http = http;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * @param issuers of version 1 and 2
   * @param keys that can be used
   * @param ahead by how much our clock is; negative where it is behind
   */
  public record Seen(List<String> issuers, int keys, Duration ahead) {}

  /** {@link IdentityUnavailable} where metadata or keys of either version are not to be had. */
  public Mono<Seen> look(String tenant) {
    EntraMetadata metadata =
        new EntraMetadata(http, settings.authority(), settings.agents(), settings.timeout());
    return Flux.just(TokenVersion.V1, TokenVersion.V2)
        .concatMap(version -> metadata.fetch(new KeySource.Source(tenant, version)))
        .collectList()
        .zipWith(ahead(tenant), IssuerProbe::seen);
  }

  private static Seen seen(List<KeySource.Published> published, Duration ahead) {
    return new Seen(
        published.stream().map(KeySource.Published::issuer).toList(),
        published.getLast().keys().size(),
        ahead);
  }

  /** To the second: HTTP dates are no finer. No difference where the provider sends none. */
  private Mono<Duration> ahead(String tenant) {
    return http.get()
        .uri(EntraMetadata.address(settings.authority(), tenant, TokenVersion.V2))
        .exchangeToMono(answer ->
            answer
                .releaseBody()
                .thenReturn(
                    Duration.ofMillis(
                        answer.headers().asHttpHeaders().getDate() < 0
                            ? 0
                            : clock.millis() - answer.headers().asHttpHeaders().getDate())))
        .timeout(settings.timeout())
        .onErrorMap(fault -> new IdentityUnavailable(fault.getClass().getSimpleName()));
  }
}
