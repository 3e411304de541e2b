// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.gateway.mediation.Attempt.Permit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Sees to it that a permit has one outcome: either the one that the call came to, or that the
 * caller hung up, whichever is first.
 */
final class Bracket {
  private final AtomicReference<State> state = new AtomicReference<>(new Unpermitted());
  private final Consumer<Permit> cancelled;

  /**
   * @param cancelled is given the permit when the caller hung up under it
   */
  Bracket(Consumer<Permit> cancelled) {
    this.cancelled = cancelled;
  }

  /**
   * A permit is durable; a later one of the same request takes the place of the earlier.
   *
   * @return false where the caller has gone: then nothing may be called
   */
  boolean open(Permit permit) {
    State before = state.get();
    boolean opened =
        switch (before) {
          case Unpermitted _, Open _ -> state.compareAndSet(before, new Open(permit));
          case Gone _, Closed _ -> false;
        };
    if (!opened) {
      // The log saw a subscriber, so it has left the outcome to us.
      cancelled.accept(permit);
    }
    return opened;
  }

  /** Whether the outcome is the call's; true once at most. */
  boolean close() {
    return state.get() instanceof Open open && state.compareAndSet(open, new Closed());
  }

  /** The caller hung up. Before a permit, the log itself sees to the outcome. */
  void hangUp() {
    if (state.getAndUpdate(State::hungUp) instanceof Open(Permit permit)) {
      cancelled.accept(permit);
    }
  }

  private sealed interface State {
    default State hungUp() {
      return switch (this) {
        case Unpermitted _, Gone _ -> new Gone();
        case Open _, Closed _ -> new Closed();
      };
    }
  }

  private record Unpermitted() implements State {}

  private record Open(Permit permit) implements State {}

  private record Gone() implements State {}

  private record Closed() implements State {}
}
