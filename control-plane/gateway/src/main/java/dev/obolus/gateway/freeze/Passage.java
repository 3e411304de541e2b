// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * One request on its way, known to the freezes from before it is first looked at until it is over.
 *
 * <p>Guarantees: a freeze that is taken up after {@link #standing()} was asked stops the work of
 * {@link #unlessStopped}, however far it is, also before it began.
 */
public final class Passage {
  private final Freezes freezes;
  private final Scope.Who who;
  private final CompletableFuture<Boolean> stop = new CompletableFuture<>();

  Passage(Freezes freezes, Scope.Who who) {
    this.freezes = freezes;
    this.who = who;
  }

  Scope.Who who() {
    return who;
  }

  public Standing standing() {
    return stop.isDone() ? Standing.FROZEN : freezes.standing(who);
  }

  /** The work; where a freeze comes first, the work is cancelled and this takes its place. */
  public <T> Mono<T> unlessStopped(Mono<T> work, Supplier<T> stopped) {
    return Mono.firstWithSignal(Mono.fromFuture(stop, true).map(_ -> stopped.get()), work);
  }

  void stop() {
    stop.complete(true);
  }

  /** It is over. */
  public void leave() {
    freezes.left(this);
  }
}
