// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.gateway.identity.Caller;
import reactor.core.publisher.Mono;

/**
 * Takes a verified caller's request to its answer. {@link AuditedRequestMediator} is the one that
 * serves; front doors are tested with others.
 */
public interface RequestMediator {

  /**
   * Emits exactly one outcome and never an error. Cancelling it cancels the work at the source and
   * leaves a {@code cancelled} outcome in the log.
   */
  Mono<Outcome> mediate(Caller caller, Ask ask);
}
