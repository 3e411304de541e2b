// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.Operation;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.policy.PolicyEvaluator;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Visibility;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Shows what policy's {@code gateway/visible} lets the caller see, and nothing if it fails. */
public final class PolicysCatalogue implements Catalogue {
  private final ConnectorCatalogue catalogue;
  private final Memberships memberships;
  private final RequestMediator mediator;
  private final PolicyEvaluator evaluator;
  private final PolicyInputs inputs;
  private final Supplier<String> ids;
  private final InstantSource clock;

  /**
   * @param memberships of callers whose tokens leave out their groups, looked up by the mediator
   * @param ids gives a new id each time
   */
  public PolicysCatalogue(
      ConnectorCatalogue catalogue,
      Memberships memberships,
      RequestMediator mediator,
      PolicyEvaluator evaluator,
      String environment,
      Supplier<String> ids,
      InstantSource clock) {
    this.catalogue = catalogue;
    this.memberships = memberships;
    this.mediator = mediator;
    this.evaluator = evaluator;
    this.inputs = new PolicyInputs(environment, clock);
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public Mono<List<Listed>> of(Caller caller, String traceId) {
    return memberships
        .complete(caller, nothing("", "", traceId), mediator)
        .flatMap(completed -> all(completed.caller(), traceId));
  }

  private Mono<List<Listed>> all(Caller caller, String traceId) {
    return Flux.fromIterable(catalogue.entries())
        .concatMap(entry -> listed(caller, traceId, entry))
        .filter(listed -> !listed.operations().isEmpty())
        .collectList();
  }

  private Mono<Listed> listed(Caller caller, String traceId, ConnectorCatalogue.Entry entry) {
    return Flux.fromIterable(entry.operations())
        .filterWhen(operation ->
            evaluator
                .visible(asked(caller, traceId, entry, operation))
                .map(PolicysCatalogue::anything))
        .collectList()
        .map(operations -> new Listed(entry.connector().id(), operations));
  }

  private static boolean anything(Visibility visibility) {
    return switch (visibility) {
      case Visibility.Seen seen -> !seen.resources().isEmpty();
      case Visibility.Untold _ ->
          throw Refusal.of(ErrorCode.POLICY_UNAVAILABLE, ErrorCode.POLICY_UNAVAILABLE.sentence());
    };
  }

  /** The caller and the operation, without arguments. */
  private PolicyInput asked(
      Caller caller, String traceId, ConnectorCatalogue.Entry entry, Operation operation) {
    String connector = entry.connector().id().value();
    Ask nothing = nothing(connector, operation.name(), traceId);
    var asking = new Asking(caller, nothing, ids.get(), ids.get(), clock.instant());
    return inputs.of(asking, Matter.Judged.of(connector, operation)).getFirst();
  }

  private static Ask nothing(String connector, String operation, String traceId) {
    return new Ask(
        connector, operation, Map.of(), Optional.empty(), Optional.empty(), List.of(), traceId);
  }
}
