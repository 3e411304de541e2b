// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.connector.SourceHost;
import dev.obolus.connector.sql.BoundStatement;
import dev.obolus.connector.sql.Catalogue;
import dev.obolus.connector.sql.SqlPlan;
import dev.obolus.connector.sql.StatementPlanner;
import dev.obolus.connector.sql.StructuredQueryPlanner;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** One Databricks workspace and warehouse, asked as the person. */
final class DatabricksConnector implements Connector {
  private static final List<Operation> OPERATIONS =
      List.of(StructuredQueryPlanner.operation("query"), StatementPlanner.operation("sql"));

  private final ConnectorId id;
  private final String scope;
  private final StructuredQueryPlanner queries;
  private final StatementPlanner statements;
  private final StatementApi api;

  private DatabricksConnector(ConnectorId id, String scope, Catalogue catalogue, StatementApi api) {
    this.id = id;
    this.scope = scope;
    this.queries = new StructuredQueryPlanner(catalogue);
    this.statements = new StatementPlanner(catalogue);
    this.api = api;
  }

  /**
   * @throws IllegalArgumentException where a property is missing or unsafe
   */
  static DatabricksConnector of(
      ConnectorId id, DatabricksProperties properties, List<String> plainHosts) {
    SourceHost workspace = SourceHost.of(properties.requiredHost(), plainHosts);
    return new DatabricksConnector(
        id,
        properties.scope(),
        properties.catalogue(),
        new StatementApi(workspace, properties.requiredWarehouse(), id.value()));
  }

  @Override
  public ConnectorId id() {
    return id;
  }

  @Override
  public List<Operation> operations() {
    return OPERATIONS;
  }

  @Override
  public Optional<String> delegatedScope() {
    return Optional.of(scope);
  }

  @Override
  public Planning plan(DataRequest request) {
    return switch (request.operation().name()) {
      case "query" -> queries.plan(request);
      case "sql" -> statements.plan(request);
      default -> throw new IllegalArgumentException("no such operation");
    };
  }

  @Override
  public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
    return Mono.defer(() -> {
      BoundStatement statement = render(request);
      var run = new StatementRun(api, statement, request, access::upstream);
      return access.call(scope, run::run);
    });
  }

  private BoundStatement render(AuthorizedRequest request) {
    if (!(request.plan() instanceof SqlPlan plan) || !plan.request().connector().equals(id)) {
      throw new IllegalArgumentException("not a plan of this connector");
    }
    return plan.render(request.obligations(), request.limits());
  }
}
