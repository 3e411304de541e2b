// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Operation.Argument;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Tables in memory, and a source that says what it was called with. */
final class FakeConnector implements Connector, DelegatedAccessProvider {
  static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  static final ResourceName SALARIES = new ResourceName("main.hr.salaries");
  private static final Map<ResourceName, Set<String>> TABLES =
      Map.of(ORDERS, Set.of("id", "region", "email"), SALARIES, Set.of("name", "salary"));

  static final Operation QUERY =
      new Operation(
          "query",
          "Query",
          "Reads rows.",
          ActionClass.READ,
          Lane.OBO,
          List.of(
              new Argument("table", Operation.Type.TEXT, true, 100, "The table."),
              new Argument("columns", Operation.Type.TEXTS, false, 5, "The columns."),
              new Argument("filter", Operation.Type.OBJECT, false, 0, "Which rows."),
              new Argument("order", Operation.Type.OBJECTS, false, 2, "In what order."),
              new Argument("exact", Operation.Type.TRUTH, false, 0, "Exactly."),
              new Argument("limit", Operation.Type.INTEGER, false, 0, "How many.")),
          Set.of(Obligation.Kind.values()));

  /** One row of one column. */
  static final ConnectorResult ROWS =
      new ConnectorResult.Rows(
          List.of(new ConnectorResult.Column("ID", "BIGINT")),
          List.of(List.of(7L)),
          false,
          new Usage(1, 8));

  final List<AuthorizedRequest> executed = new CopyOnWriteArrayList<>();
  final List<Subject> subjects = new CopyOnWriteArrayList<>();
  final List<String> trail;
  final AtomicLong generation = new AtomicLong();
  List<String> upstream = List.of("st-1");
  Function<AuthorizedRequest, Mono<ConnectorResult>> source = _ -> Mono.just(ROWS);
  Function<DataRequest, Optional<Planning>> planner = _ -> Optional.empty();
  Set<Obligation.Kind> honours = Set.of(Obligation.Kind.values());

  FakeConnector(List<String> trail) {
    this.trail = trail;
  }

  @Override
  public ConnectorId id() {
    return new ConnectorId("databricks-sales");
  }

  @Override
  public List<Operation> operations() {
    return List.of(QUERY);
  }

  @Override
  public Planning plan(DataRequest request) {
    return planner.apply(request).orElseGet(() -> byName(request));
  }

  private Planning byName(DataRequest request) {
    var table = new ResourceName(String.valueOf(request.arguments().get("table")));
    if (!TABLES.containsKey(table)) {
      return new Planning.Unplannable(
          "/table", Planning.Fault.UNKNOWN_RESOURCE, Optional.of(table), "No such table.");
    }
    var columns = (List<?>) request.arguments().getOrDefault("columns", List.of("id"));
    for (int i = 0; i < columns.size(); i++) {
      if (!columns.get(i).equals("id") && !TABLES.get(table).contains(columns.get(i))) {
        return new Planning.Unplannable(
            "/columns/" + i,
            Planning.Fault.UNKNOWN_COLUMN,
            Optional.of(table),
            "No such column in " + table + ".");
      }
    }
    var touched = new AccessPlan.Touched(table, Set.of("id"));
    return new Planning.Planned(plan(request, List.of(touched)));
  }

  FakePlan plan(DataRequest request, List<AccessPlan.Touched> touched) {
    return new FakePlan(request, ActionClass.READ, touched, Optional.of("SELECT 1"), honours);
  }

  @Override
  public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
    executed.add(request);
    return access.call("fake/.default", _ -> Mono.defer(() -> call(request, access)));
  }

  private Mono<ConnectorResult> call(AuthorizedRequest request, DelegatedAccess access) {
    trail.add("source");
    upstream.forEach(access::upstream);
    return source.apply(request);
  }

  @Override
  public DelegatedAccess forSubject(
      Subject subject, ConnectorId connector, AuthorizedRequest.Correlation correlation) {
    subjects.add(subject);
    return new DelegatedAccess() {
      @Override
      public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
        return Mono.defer(() -> call.apply(new DelegatedToken("delegated")));
      }

      @Override
      public Optional<String> lastCorrelationId() {
        return Optional.of("entra-1");
      }
    };
  }

  @Override
  public long generation(Subject subject, ConnectorId connector) {
    return generation.get();
  }

  @Override
  public void purge(Purge whose) {
    generation.set(generation.get() + 1);
  }

  record FakePlan(
      DataRequest request,
      ActionClass actionClass,
      List<Touched> resources,
      Optional<String> statement,
      Set<Obligation.Kind> honours)
      implements AccessPlan {}
}
