// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.gateway.identity.Caller;
import java.time.Instant;
import java.util.Optional;

/**
 * One request under way: who asks for what, and the ids it goes by.
 *
 * @param lookUp of the caller's groups, see {@link Memberships.Completed}
 */
record Asking(
    Caller caller,
    Ask ask,
    String decisionId,
    String clientRequestId,
    Instant since,
    Optional<Outcome.Refused> lookUp) {

  Asking(Caller caller, Ask ask, String decisionId, String clientRequestId, Instant since) {
    this(caller, ask, decisionId, clientRequestId, since, Optional.empty());
  }

  /** The same, by the same caller of whom more is known. */
  Asking by(Memberships.Completed completed) {
    return new Asking(
        completed.caller(), ask, decisionId, clientRequestId, since, completed.lookUp());
  }

  Correlation correlation() {
    return new Correlation(clientRequestId, ask.traceId());
  }
}
