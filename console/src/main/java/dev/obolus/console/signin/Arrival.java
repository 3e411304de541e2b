// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.OperatorApi.Answer;
import dev.obolus.console.reading.People;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.stream.StreamSupport;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Has a sign-in recorded and learns the names. An operator may look without a gateway, for that is
 * when looking matters most, but is told so on every page, and the record is tried for again.
 */
public final class Arrival {
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(10);

  private final OperatorApi api;
  private final Sentences sentences;
  private final Clock clock;

  Arrival(OperatorApi api, Sentences sentences, Clock clock) {
    this.api = api;
    this.sentences = sentences;
    this.clock = clock;
  }

  /** Answers with the same viewer, recorded if a gateway could be found. */
  public Mono<Viewer> recorded(Viewer viewer) {
    var memory = viewer.memory();
    boolean due = memory.tried().plus(BETWEEN_TRIES).isBefore(clock.instant());
    if (memory.signIn() != Memory.SignIn.UNRECORDED || !due) {
      return Mono.just(viewer);
    }
    memory.tried(clock.instant());
    return api.signIn(viewer.token())
        .doOnNext(answer -> memory.signIn(state(answer)))
        .flatMap(answer -> answer instanceof Answer.Given ? learn(viewer) : Mono.just(viewer))
        .thenReturn(viewer);
  }

  private static Memory.SignIn state(Answer answer) {
    return switch (answer) {
      case Answer.Given given -> Memory.SignIn.RECORDED;
      case Answer.Refused refused -> Memory.SignIn.REFUSED;
      case Answer.Silent silent -> Memory.SignIn.UNRECORDED;
    };
  }

  private Mono<Viewer> learn(Viewer viewer) {
    return Mono.zip(
        api.people(viewer.token()).doOnNext(a -> names(viewer, a)),
        sentences.current(viewer),
        (people, same) -> same);
  }

  private static void names(Viewer viewer, Answer answer) {
    if (!(answer instanceof Answer.Given(JsonNode body))) {
      return;
    }
    var names = new HashMap<String, String>();
    StreamSupport.stream(body.path("people").spliterator(), false)
        .filter(p -> viewer.operator().tenants().contains(p.path("tenant").asString("")))
        .forEach(p -> names.put(p.path("pseudonym").asString(""), p.path("name").asString("")));
    viewer.memory().people(new People(names));
  }
}
