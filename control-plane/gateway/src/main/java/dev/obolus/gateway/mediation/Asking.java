// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.gateway.identity.Caller;
import java.time.Instant;

/** One request under way: who asks for what, and the ids it goes by. */
record Asking(Caller caller, Ask ask, String decisionId, String clientRequestId, Instant since) {

  /** The same, by the same caller of whom more is known. */
  Asking by(Caller completed) {
    return new Asking(completed, ask, decisionId, clientRequestId, since);
  }

  Correlation correlation() {
    return new Correlation(clientRequestId, ask.traceId());
  }
}
