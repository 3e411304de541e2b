// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Failed;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Operation.Argument;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.connector.SourceHost;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/** Microsoft Graph, asked by the person about himself. */
final class GraphConnector implements Connector {
  private static final String LIMIT = "limit";
  private static final Operation MY_GROUPS =
      new Operation(
          "my_groups",
          "My groups",
          "The ids of the security groups that the person belongs to, directly or through others.",
          ActionClass.READ,
          Lane.OBO,
          List.of(new Argument(LIMIT, Operation.Type.INTEGER, false, 0, "At most this many.")),
          MyGroups.HONOURS);

  private final ConnectorId id;
  private final String scope;
  private final GraphApi api;

  private GraphConnector(ConnectorId id, String scope, GraphApi api) {
    this.id = id;
    this.scope = scope;
    this.api = api;
  }

  /**
   * @throws IllegalArgumentException where a property is missing or unsafe
   */
  static GraphConnector of(
      ConnectorId id, GraphProperties properties, URI authority, List<String> plainHosts) {
    SourceHost host = SourceHost.of(properties.host(authority), plainHosts);
    return new GraphConnector(id, properties.scope(), new GraphApi(host, id.value()));
  }

  @Override
  public ConnectorId id() {
    return id;
  }

  @Override
  public List<Operation> operations() {
    return List.of(MY_GROUPS);
  }

  @Override
  public Optional<String> delegatedScope() {
    return Optional.of(scope);
  }

  @Override
  public Optional<Operation> memberships() {
    return Optional.of(MY_GROUPS);
  }

  @Override
  public Planning plan(DataRequest request) {
    if (!request.operation().name().equals(MY_GROUPS.name())) {
      throw new IllegalArgumentException("no such operation");
    }
    return request.arguments().keySet().stream()
        .filter(name -> !name.equals(LIMIT))
        .findFirst()
        .<Planning>map(GraphConnector::unknown)
        .orElseGet(() -> new Planning.Planned(new MyGroups(request)));
  }

  private static Unplannable unknown(String argument) {
    return new Unplannable(
        "/" + argument,
        Planning.Fault.UNKNOWN_ARGUMENT,
        Optional.empty(),
        "There is no such argument.");
  }

  @Override
  public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
    return Mono.defer(() -> {
      require(request);
      return access
          .call(scope, token -> api.groups(new GraphApi.Call(token, request, access::upstream)))
          .timeout(ownDeadline(request))
          .onErrorResume(GraphFailure.class, failure -> Mono.just(failed(failure.failure())))
          .onErrorResume(
              TimeoutException.class,
              _ -> Mono.just(failed(new ConnectorFailure.TimedOut(SourceState.UNKNOWN))));
    });
  }

  private void require(AuthorizedRequest request) {
    if (!(request.plan() instanceof MyGroups(DataRequest planned))
        || !planned.connector().equals(id)) {
      throw new IllegalArgumentException("not a plan of this connector");
    }
    if (!request.obligations().stream().allMatch(request.plan()::meets)) {
      throw new IllegalStateException("an obligation that was not promised");
    }
  }

  /** A little before the whole call's deadline, so that it is told by us. */
  private static Duration ownDeadline(AuthorizedRequest request) {
    return request.deadline().multipliedBy(9).dividedBy(10);
  }

  private static ConnectorResult failed(ConnectorFailure failure) {
    return new Failed(failure, Usage.NONE);
  }
}
