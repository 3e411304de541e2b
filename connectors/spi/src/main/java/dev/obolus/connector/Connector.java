// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** One configured data plane. Thread-safe. */
public interface Connector {

  ConnectorId id();

  List<Operation> operations();

  /** What a person's token is exchanged for here; empty where none is. */
  default Optional<String> delegatedScope() {
    return Optional.empty();
  }

  /**
   * Where this connector can tell the groups to which the person belongs: the operation of {@link
   * #operations} that answers their ids, one a row, in the first column. It needs no argument and
   * takes {@code limit}.
   */
  default Optional<Operation> memberships() {
    return Optional.empty();
  }

  /** Says what the request would touch. Pure: no I/O, and no contact with the source. */
  Planning plan(DataRequest request);

  /**
   * Runs the plan as the person. Signals exactly one value; an error signal is a bug or a refusal
   * by {@link DelegatedAccess}, which dispatch translates. Cancelling the subscription cancels the
   * work at the source, as far as the source can.
   */
  Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access);
}
