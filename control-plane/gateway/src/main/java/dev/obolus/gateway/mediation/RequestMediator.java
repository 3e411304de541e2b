// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.gateway.identity.Caller;
import reactor.core.publisher.Mono;

/** The one place that knows the order of steps. Under construction by the mediation room. */
public interface RequestMediator {

  Mono<Outcome> mediate(Caller caller, Ask ask);
}
