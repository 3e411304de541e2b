// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.connector.conformance.Authorizations;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate.Comparison;
import dev.obolus.terms.Predicate.Literal;
import dev.obolus.terms.Predicate.Operator;
import dev.obolus.terms.ResourceName;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** The connector against an engine that runs what is sent, with each person's own grants. */
class RealSqlTest {
  private static final DataRequest.Limits LIMITS = new DataRequest.Limits(1_000, 1_000_000);
  private static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  private static final List<Obligation> EMEA_MASKED =
      List.of(
          new Obligation.RowFilter(
              ORDERS, new Comparison("region", Operator.EQ, new Literal.Text("EMEA"))),
          new Obligation.ColumnMask(ORDERS, "email", new Mask.Partial(3)));
  private static final List<Map<String, Object>> QUERIES =
      List.of(
          Map.of("table", "main.sales.orders"),
          Map.of(
              "table", "main.sales.orders",
              "columns", List.of("id", "email", "amount"),
              "filter",
                  Map.of(
                      "type", "compound",
                      "operator", "or",
                      "value",
                          List.of(
                              field("region", "ne", "EMEA"),
                              field("amount", "gt", 0L),
                              field("email", "contains", "@"))),
              "order", List.of(Map.of("column", "email", "direction", "desc"))),
          Map.of("statement", "SELECT * FROM main.sales.orders ORDER BY amount DESC, id"),
          Map.of("statement", "SELECT id, region FROM main.sales.orders WHERE region <> 'EMEA'"),
          Map.of(
              "statement",
              "SELECT email FROM main.sales.orders WHERE email LIKE '%a%' OR 1 = 1 ORDER BY email"),
          Map.of(
              "statement",
              "SELECT CASE WHEN amount > 776 THEN upper(email) ELSE 'x' END AS e"
                  + " FROM main.sales.orders LIMIT 5 OFFSET 2"));

  @TempDir static Path data;
  private static PostgresServer server;
  private static Sandbox sandbox;
  private static Connector connector;

  @BeforeAll
  static void start() throws Exception {
    server = TestPostgres.own();
    sandbox = SandboxDatabase.start(server, data);
    connector =
        DatabricksConnector.of(
            new ConnectorId("databricks-sales"), properties(sandbox.url()), List.of());
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void onlyRowsOfTheFilterAreAnsweredAndMasksHold() throws Exception {
    for (Map<String, Object> query : List.of(QUERIES.get(0), QUERIES.get(2))) {
      Rows rows = (Rows) run("alice", query, EMEA_MASKED);
      int region = index(rows, "region");
      int email = index(rows, "email");
      assertThat(rows.rows()).isNotEmpty();
      assertThat(rows.rows()).allMatch(row -> "EMEA".equals(row.get(region)));
      assertThat(rows.rows()).allMatch(row -> String.valueOf(row.get(email)).matches("\\*+.{3}"));
    }
  }

  @Test
  void aCallersConditionCannotReachBeyondTheFilter() throws Exception {
    assertThat(((Rows) run("alice", QUERIES.get(3), EMEA_MASKED)).rows()).isEmpty();
    assertThat(
            ((Rows)
                    run(
                        "alice",
                        Map.of(
                            "statement", "SELECT id FROM main.sales.orders WHERE email LIKE '%@%'"),
                        EMEA_MASKED))
                .rows())
        .isEmpty();
  }

  @Test
  void answersAreTheSameWhateverTheHiddenRowsHold() throws Exception {
    List<ConnectorResult> before = answers();
    change("DELETE FROM sales.orders WHERE region <> 'EMEA' AND id % 2 = 0");
    change("UPDATE sales.orders SET amount = -amount, email = 'x' WHERE region <> 'EMEA'");
    assertThat(answers()).isEqualTo(before);
    change("DELETE FROM sales.orders WHERE region <> 'EMEA'");
    assertThat(answers()).isEqualTo(before);
  }

  @Test
  void moreRowsThanAllowedShowAsTruncated() throws Exception {
    Rows rows = (Rows) run("alice", QUERIES.get(2), List.of(new Obligation.MaxRows(4)));
    assertThat(rows.rows()).hasSize(4);
    assertThat(rows.truncated()).isTrue();
  }

  @Test
  void theSourcesOwnRefusalIsToldAsTheSources() throws Exception {
    var result = run("alice", Map.of("table", "main.sales.forecast"), List.of());
    assertThat(((ConnectorResult.Failed) result).failure())
        .isEqualTo(new ConnectorFailure.DeniedBySource("insufficient_permissions"));
  }

  private static List<ConnectorResult> answers() throws Exception {
    var answers = new java.util.ArrayList<ConnectorResult>();
    for (Map<String, Object> query : QUERIES) {
      Rows rows = (Rows) run("alice", query, EMEA_MASKED);
      answers.add(
          new Rows(rows.columns(), rows.rows(), rows.truncated(), ConnectorResult.Usage.NONE));
    }
    return answers;
  }

  private static ConnectorResult run(
      String user, Map<String, Object> arguments, List<Obligation> obligations) throws Exception {
    String name = arguments.containsKey("statement") ? "sql" : "query";
    Operation operation =
        connector.operations().stream()
            .filter(o -> o.name().equals(name))
            .findFirst()
            .orElseThrow();
    var request = new DataRequest(connector.id(), operation, arguments, LIMITS);
    var plan = ((Planning.Planned) connector.plan(request)).plan();
    assertThat(obligations).allMatch(plan::meets);
    AuthorizedRequest authorized =
        Authorizations.issue(
            plan,
            obligations,
            LIMITS,
            new AuthorizedRequest.Correlation("req", "0af7651916cd43dd8448eb211c80319c"),
            Duration.ofSeconds(30));
    return Objects.requireNonNull(
        connector.execute(authorized, new Fixed(exchanged(user))).block(Duration.ofSeconds(40)));
  }

  private record Fixed(DelegatedToken token) implements DelegatedAccess {
    @Override
    public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
      return call.apply(token);
    }

    @Override
    public Optional<String> lastCorrelationId() {
      return Optional.empty();
    }
  }

  private static DelegatedToken exchanged(String user) throws Exception {
    Map<String, String> form =
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_id",
            Directory.GATEWAY,
            "client_secret",
            Files.readString(data.resolve("gateway-client.secret")),
            "assertion",
            sandbox.userToken(user, "finance-copilot"),
            "scope",
            Directory.DATABRICKS + "/.default",
            "requested_token_use",
            "on_behalf_of");
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      String answer =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create(sandbox.url() + "/" + Directory.TENANT + "/oauth2/v2.0/token"))
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(HttpRequest.BodyPublishers.ofString(body))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return new DelegatedToken(
          JsonMapper.builder().build().readTree(answer).path("access_token").asString());
    }
  }

  private static void change(String statement) throws Exception {
    try (var owner = server.connect(SandboxDatabase.NAME, SandboxDatabase.OWNER, "sandbox");
        var change = owner.createStatement()) {
      assertThat(change.executeUpdate(statement)).isPositive();
    }
  }

  private static int index(Rows rows, String column) {
    return rows.columns().stream().map(ConnectorResult.Column::name).toList().indexOf(column);
  }

  private static Map<String, Object> field(String field, String operator, Object value) {
    return Map.of("type", "field", "field", field, "operator", operator, "value", value);
  }

  private static DatabricksProperties properties(String url) {
    return new DatabricksProperties(
        url,
        "demo",
        Directory.DATABRICKS + "/.default",
        List.of(
            new DatabricksProperties.TableProperties(
                "main.sales.orders",
                List.of(
                    "id bigint",
                    "customer_id bigint",
                    "region string",
                    "email string",
                    "amount decimal(12,2)",
                    "ordered_at timestamp")),
            new DatabricksProperties.TableProperties(
                "main.sales.forecast", List.of("region string", "amount decimal(12,2)"))));
  }
}
