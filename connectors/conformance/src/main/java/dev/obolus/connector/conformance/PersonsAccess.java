// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.conformance;

import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedToken;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * One person's way to tokens, as the OBO primitive would give it: a first token, and after a claims
 * challenge a second one.
 */
public final class PersonsAccess implements DelegatedAccess {
  private final String person;
  private final AtomicInteger issued = new AtomicInteger();
  private final List<String> scopes = new CopyOnWriteArrayList<>();
  private final List<String> challenges = new CopyOnWriteArrayList<>();
  private final List<String> upstream = new CopyOnWriteArrayList<>();

  public PersonsAccess(String person) {
    this.person = person;
  }

  /** The token of that number, from 1, as it appears on the wire. */
  public String authorization(int number) {
    return "Bearer token-of-" + person + "-" + number;
  }

  public List<String> scopes() {
    return List.copyOf(scopes);
  }

  public List<String> challenges() {
    return List.copyOf(challenges);
  }

  /** The source's own ids that the connector has told, in order. */
  public List<String> upstream() {
    return List.copyOf(upstream);
  }

  @Override
  public void upstream(String id) {
    upstream.add(id);
  }

  @Override
  public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
    return Mono.defer(
            () -> {
              scopes.add(scope);
              return call.apply(next());
            })
        .onErrorResume(
            SourceChallenge.class,
            challenge -> {
              challenges.add(challenge.claims());
              return call.apply(next());
            });
  }

  private DelegatedToken next() {
    return new DelegatedToken("token-of-" + person + "-" + issued.incrementAndGet());
  }

  @Override
  public Optional<String> lastCorrelationId() {
    return Optional.empty();
  }
}
