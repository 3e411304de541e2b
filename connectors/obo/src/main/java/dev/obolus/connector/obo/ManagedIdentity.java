// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The token that Azure gives this machine for {@code api://AzureADTokenExchange}, as the assertion
 * of a federated credential. App Service and Container Apps where their environment says so ({@code
 * IDENTITY_ENDPOINT}, {@code IDENTITY_HEADER}), else the virtual machine's instance metadata
 * ({@code AZURE_POD_IDENTITY_AUTHORITY_HOST} moves it, as it does for Microsoft's own libraries).
 *
 * <p>Kept until five minutes before its end; whoever asks meanwhile waits for the one request.
 */
final class ManagedIdentity implements FederatedCredential.AssertionSource {
  private static final String AUDIENCE = "api://AzureADTokenExchange";
  private static final String INSTANCE_METADATA = "http://169.254.169.254";
  private static final Duration EARLY = Duration.ofMinutes(5);
  private static final Duration RENEWED_AT_MOST_EVERY = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final InstantSource clock;
  private final Mono<Held> kept;
  private volatile Instant notBefore = Instant.MIN;

  /**
   * @param identity the client id of a user-assigned identity; empty for the system's own
   * @param environment that of the process
   */
  ManagedIdentity(
      WebClient http,
      Optional<String> identity,
      Map<String, String> environment,
      Duration timeout,
      InstantSource clock) {
    this.clock = clock;
    this.kept =
        Mono.defer(() -> ask(http, request(identity, environment)))
            .timeout(timeout)
            .map(body -> held(body, clock.instant()))
            .cacheInvalidateIf(
                held -> !held.usable(clock.instant()) || held.got.isBefore(notBefore));
  }

  @Override
  public Mono<String> assertion() {
    return kept.map(held -> held.text);
  }

  /**
   * The metadata service keeps tokens itself, so asking again at once would give the same; and it
   * is asked for one token a minute at most, however often that is refused.
   */
  @Override
  public Mono<Boolean> renew() {
    return Mono.fromSupplier(() -> {
      Instant now = clock.instant();
      if (!notBefore.plus(RENEWED_AT_MOST_EVERY).isAfter(now)) {
        notBefore = now;
      }
      return false;
    });
  }

  private static Mono<byte[]> ask(WebClient http, Asked asked) {
    return http.get()
        .uri(asked.uri)
        .header(asked.header, asked.value)
        .exchangeToMono(response ->
            response.statusCode().value() == 200
                ? response.bodyToMono(byte[].class)
                : response
                    .releaseBody()
                    .then(Mono.error(() -> new IllegalStateException("no managed identity"))));
  }

  private static Asked request(Optional<String> identity, Map<String, String> environment) {
    String endpoint = environment.get("IDENTITY_ENDPOINT");
    String header = environment.get("IDENTITY_HEADER");
    if (endpoint != null && header != null) {
      URI uri = query(UriComponentsBuilder.fromUriString(endpoint), "2019-08-01", identity);
      return new Asked(uri, "X-IDENTITY-HEADER", header);
    }
    String host = environment.getOrDefault("AZURE_POD_IDENTITY_AUTHORITY_HOST", INSTANCE_METADATA);
    var metadata = UriComponentsBuilder.fromUriString(host).path("/metadata/identity/oauth2/token");
    return new Asked(query(metadata, "2018-02-01", identity), "Metadata", "true");
  }

  private static URI query(
      UriComponentsBuilder endpoint, String version, Optional<String> identity) {
    return endpoint
        .queryParam("api-version", version)
        .queryParam("resource", AUDIENCE)
        .queryParamIfPresent("client_id", identity)
        .build()
        .encode()
        .toUri();
  }

  private static Held held(byte[] body, Instant now) {
    JsonNode json = JSON.readTree(body);
    String token = json.path("access_token").asString("");
    // A number of seconds since 1970, written as text or as a number.
    long until = json.path("expires_on").asLong(0);
    if (token.isEmpty() || until <= now.getEpochSecond()) {
      throw new IllegalStateException("the managed identity endpoint gave no usable token");
    }
    return new Held(token, now, Instant.ofEpochSecond(until).minus(EARLY));
  }

  @Override
  public String toString() {
    return "ManagedIdentity[]";
  }

  private static final class Asked {
    private final URI uri;
    private final String header;
    private final String value;

    private Asked(URI uri, String header, String value) {
      this.uri = uri;
      this.header = header;
      this.value = value;
    }
  }

  private static final class Held {
    private final String text;
    private final Instant got;
    private final Instant until;

    private Held(String text, Instant got, Instant until) {
      this.text = text;
      this.got = got;
      this.until = until;
    }

    private boolean usable(Instant now) {
      return until.isAfter(now);
    }
  }
}
