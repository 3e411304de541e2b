// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.obo.TokenEndpoint.Answer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * Proves an agent identity by a token of its blueprint: the first step of Entra Agent ID's
 * on-behalf-of flow ({@code client_credentials} with {@code fmi_path}). The blueprint's own
 * credential proves the blueprint.
 *
 * <p>One token for each token endpoint is kept until five minutes before its end.
 */
final class AgentIdentityCredential implements ClientCredential {
  private static final String SCOPE = "api://AzureADTokenExchange/.default";
  private static final Duration EARLY = Duration.ofMinutes(5);
  private static final String BEARER = "Bearer ";

  private final TokenEndpoint blueprint;
  private final String blueprintId;
  private final String agentIdentity;
  private final InstantSource clock;
  private final Cache<String, Mono<Held>> kept =
      Caffeine.newBuilder()
          .maximumSize(1_000)
          .expireAfterAccess(Duration.ofHours(1))
          .executor(Runnable::run)
          .build();

  AgentIdentityCredential(
      TokenEndpoint blueprint, String blueprintId, String agentIdentity, InstantSource clock) {
    this.blueprint = blueprint;
    this.blueprintId = blueprintId;
    this.agentIdentity = agentIdentity;
    this.clock = clock;
  }

  @Override
  public Mono<Map<String, String>> proof(String tokenEndpoint) {
    return Mono.defer(() -> kept.get(tokenEndpoint, this::single))
        .map(held -> ClientCredential.asserting(held.assertion()));
  }

  /** Whoever asks meanwhile waits for the one request; what failed is not kept. */
  private Mono<Held> single(String tokenEndpoint) {
    return Mono.defer(() -> firstStep(tokenEndpoint))
        .doOnError(_ -> kept.invalidate(tokenEndpoint))
        .cacheInvalidateIf(held -> !held.until.isAfter(clock.instant()));
  }

  private Mono<Held> firstStep(String tokenEndpoint) {
    var ask =
        new TokenEndpoint.Ask(
            URI.create(tokenEndpoint),
            Map.of(
                "grant_type", "client_credentials",
                "client_id", blueprintId,
                "scope", SCOPE,
                "fmi_path", agentIdentity),
            UUID.randomUUID().toString());
    return blueprint.ask(ask).flatMap(this::held);
  }

  private Mono<Held> held(Answer answer) {
    return switch (answer) {
      case Answer.Success(DelegatedToken token, Duration expiresIn, _) ->
          Mono.just(new Held(token, clock.instant().plus(expiresIn).minus(EARLY)));
      case Answer.Failure failure -> Mono.error(() -> new Credentials.ProofRefused(failure));
    };
  }

  /** The next proof for this endpoint begins with the first step. */
  @Override
  public Mono<Boolean> renew(String tokenEndpoint) {
    return Mono.fromSupplier(() -> kept.asMap().remove(tokenEndpoint) != null);
  }

  @Override
  public String toString() {
    return "AgentIdentityCredential[" + agentIdentity + "]";
  }

  private record Held(DelegatedToken token, Instant until) {
    private String assertion() {
      return token.authorizationHeader().substring(BEARER.length());
    }
  }
}
