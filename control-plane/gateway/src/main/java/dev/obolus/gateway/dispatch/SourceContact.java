// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedToken;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/**
 * What is known of one request's contact with its source, at any time and whatever becomes of it:
 * not called until a token was handed out for it, finished once the connector has answered, unknown
 * in between; and the ids by which the source and Entra know it.
 */
public final class SourceContact {
  private static final int MOST_IDS = 32;
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private final AtomicReference<SourceState> state = new AtomicReference<>(SourceState.NOT_CALLED);
  private final List<DelegatedAccess> accesses = new CopyOnWriteArrayList<>();
  private final SequencedSet<String> upstreamIds = new LinkedHashSet<>();

  public SourceState state() {
    return state.get();
  }

  /** The source's own ids, each once: of more than there is room for, the first and the latest. */
  public List<String> upstreamIds() {
    synchronized (upstreamIds) {
      return List.copyOf(upstreamIds);
    }
  }

  /** Of the last exchange with Entra that was made for this request, if any was. */
  public Optional<String> entraCorrelationId() {
    return accesses.reversed().stream()
        .flatMap(access -> access.lastCorrelationId().stream())
        .findFirst();
  }

  DelegatedAccess watch(DelegatedAccess access) {
    accesses.add(access);
    return new Watched(access, this);
  }

  void answered() {
    state.compareAndSet(SourceState.UNKNOWN, SourceState.FINISHED);
  }

  private void tokenHandedOut() {
    state.set(SourceState.UNKNOWN);
  }

  private void keep(String id) {
    if (!ID.matcher(id).matches()) {
      return;
    }
    synchronized (upstreamIds) {
      if (upstreamIds.size() == MOST_IDS && !upstreamIds.contains(id)) {
        upstreamIds.removeLast();
      }
      upstreamIds.add(id);
    }
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

    @Override
    public void upstream(String id) {
      contact.keep(id);
    }
  }
}
