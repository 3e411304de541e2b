// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.OperatorApi.Answer;
import dev.obolus.console.reading.Catalogue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Keeps the reasons' sentences those of the revision that the gateways decide by. While anybody
 * looks, a gateway is asked once in a while for all of them together, as whoever happens to look;
 * one that does not answer soon is not waited for.
 */
public final class Sentences {
  public static final Duration BETWEEN = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final OperatorApi api;
  private final Catalogue catalogue;
  private final Clock clock;
  private final AtomicReference<Instant> asked = new AtomicReference<>(Instant.EPOCH);

  Sentences(OperatorApi api, Catalogue catalogue, Clock clock) {
    this.api = api;
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /** Answers with the same viewer, after a look at the gateway if one is due. */
  public Mono<Viewer> current(Viewer viewer) {
    return Mono.defer(() -> isDue() ? ask(viewer) : Mono.just(viewer));
  }

  private Mono<Viewer> ask(Viewer viewer) {
    return api.status(viewer.token())
        .timeout(PATIENCE, Mono.just(new Answer.Silent()))
        .doOnNext(this::learn)
        .thenReturn(viewer);
  }

  private boolean isDue() {
    Instant last = asked.get();
    Instant now = clock.instant();
    boolean due = last.plus(BETWEEN).isBefore(now) || last.isAfter(now);
    return due && asked.compareAndSet(last, now);
  }

  private void learn(Answer answer) {
    if (!(answer instanceof Answer.Given(JsonNode body))) {
      return;
    }
    var sentences = new HashMap<String, String>();
    body.path("reasons")
        .propertyStream()
        .forEach(e -> sentences.put(e.getKey(), e.getValue().asString("")));
    catalogue.learn(body.path("revision").asString(""), sentences);
  }
}
