// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Fetches an issuer's metadata and its keys over HTTP.
 *
 * <p>Guarantees: both come from the configured authority, scheme, host and port; redirects are not
 * followed; the issuer is the one that the metadata name, if it may be trusted; only RSA signing
 * keys of 2048 bits or more are taken, each with the {@code issuer} that Entra states beside it.
 */
final class EntraMetadata implements KeySource {
  private static final int MIN_KEY_BITS = 2048;
  private static final ParameterizedTypeReference<Map<String, Object>> JSON_OBJECT =
      new ParameterizedTypeReference<>() {};

  private final WebClient http;
  private final URI authority;
  private final TrustedIssuer trusted;
  private final Duration timeout;

  EntraMetadata(WebClient http, URI authority, TrustedIssuer trusted, Duration timeout) {
    this.http = http;
    this.authority = authority;
    this.trusted = trusted;
    this.timeout = timeout;
  }

  @Override
  public Mono<Published> fetch(Source source) {
    return get(address(authority, source.tenant(), source.version()))
        .flatMap(metadata -> published(issuer(source, metadata), metadata))
        .timeout(timeout)
        .onErrorMap(
            fault -> !(fault instanceof IdentityUnavailable),
            fault -> new IdentityUnavailable(fault.getClass().getSimpleName()));
  }

  private Mono<Published> published(String issuer, Map<String, Object> metadata) {
    return get(keysAddress(metadata)).map(document -> new Published(issuer, readKeys(document)));
  }

  static URI address(URI authority, String tenant, TokenVersion version) {
    String base = authority.toString().replaceAll("/+$", "");
    return URI.create(base + "/" + tenant + version.metadataPath());
  }

  private Mono<Map<String, Object>> get(URI address) {
    return http.get().uri(address).retrieve().bodyToMono(JSON_OBJECT);
  }

  private String issuer(Source source, Map<String, Object> metadata) {
    String named = TrustedIssuer.inPlace(text(metadata.get("issuer")).orElse(""), source.tenant());
    if (!trusted.accepts(source.version(), source.tenant(), named)) {
      throw new IdentityUnavailable("the metadata names another issuer");
    }
    return named;
  }

  private URI keysAddress(Map<String, Object> metadata) {
    URI keys = URI.create(text(metadata.get("jwks_uri")).orElse(""));
    if (!sameOrigin(keys)) {
      throw new IdentityUnavailable("the metadata names keys at another host");
    }
    return keys;
  }

  private boolean sameOrigin(URI other) {
    return Objects.equals(authority.getScheme(), other.getScheme())
        && Objects.equals(authority.getHost(), other.getHost())
        && authority.getPort() == other.getPort();
  }

  static Map<String, SigningKey> readKeys(Map<String, Object> document) {
    Map<String, SigningKey> keys = new HashMap<>();
    if (document.get("keys") instanceof Iterable<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> members) {
          readKey(members).ifPresent(key -> keys.put(key.id(), key));
        }
      }
    }
    if (keys.isEmpty()) {
      throw new IdentityUnavailable("the issuer publishes no key that can be used");
    }
    return Map.copyOf(keys);
  }

  private static Optional<SigningKey> readKey(Map<?, ?> members) {
    boolean signs = text(members.get("use")).map("sig"::equals).orElse(true);
    Optional<String> id = text(members.get("kid"));
    if (!signs || id.isEmpty() || !text(members.get("kty")).equals(Optional.of("RSA"))) {
      return Optional.empty();
    }
    try {
      RSAKey key =
          RSAKey.parse(
              Map.of(
                  "kty", "RSA",
                  "n", text(members.get("n")).orElse(""),
                  "e", text(members.get("e")).orElse("")));
      return key.size() < MIN_KEY_BITS
          ? Optional.empty()
          : Optional.of(
              new SigningKey(id.get(), key.toRSAPublicKey(), text(members.get("issuer"))));
    } catch (ParseException | JOSEException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<String> text(@org.jspecify.annotations.Nullable Object value) {
    return value instanceof String text ? Optional.of(text) : Optional.empty();
  }
}
