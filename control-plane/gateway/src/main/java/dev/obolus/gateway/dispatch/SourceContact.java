// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedToken;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * What is known of one call's contact with its source: not called until a token was handed out for
 * it, finished once the connector has answered, unknown in between.
 */
public final class SourceContact {
  private final AtomicReference<SourceState> state = new AtomicReference<>(SourceState.NOT_CALLED);

  public SourceState state() {
    return state.get();
  }

  DelegatedAccess watch(DelegatedAccess access) {
    return new Watched(access, this);
  }

  void answered() {
    state.compareAndSet(SourceState.UNKNOWN, SourceState.FINISHED);
  }

  private void tokenHandedOut() {
    state.set(SourceState.UNKNOWN);
  }

  private record Watched(DelegatedAccess access, SourceContact contact) implements DelegatedAccess {
    @Override
    public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
      return access.call(
          scope,
          token -> {
            contact.tokenHandedOut();
            return call.apply(token);
          });
    }

    @Override
    public Optional<String> lastCorrelationId() {
      return access.lastCorrelationId();
    }
  }
}
