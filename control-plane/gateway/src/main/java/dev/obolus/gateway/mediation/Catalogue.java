// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.Operation;
import dev.obolus.gateway.identity.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** What a caller may be shown of what can be asked for. */
public interface Catalogue {

  /**
   * The connectors and operations with which policy could ever allow this caller something, in the
   * order of configuration; none where there are none. Fails with a {@link
   * dev.obolus.gateway.Refusal} where policy cannot say.
   *
   * @param traceId W3C trace id
   */
  Mono<List<Listed>> of(Caller caller, String traceId);

  /**
   * @param operations at least one
   */
  record Listed(ConnectorId connector, List<Operation> operations) {}
}
