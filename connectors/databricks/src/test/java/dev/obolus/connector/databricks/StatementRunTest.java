// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning;
import dev.obolus.connector.conformance.Authorizations;
import dev.obolus.connector.conformance.PersonsAccess;
import dev.obolus.connector.conformance.SourceStub;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import dev.obolus.connector.sql.StructuredQueryPlanner;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class StatementRunTest {
  private static final String ID = "01ef-abc";
  private final SourceStub source = SourceStub.start(_ -> Reply.json(500, "{}"));

  @AfterEach
  void stop() {
    source.close();
  }

  @Test
  void valuesHaveTheTypesThatTheManifestSays() {
    source.script(_ ->
        succeeded(
            """
            [{"name":"id","type_name":"LONG"},{"name":"amount","type_name":"DECIMAL"},\
            {"name":"ratio","type_name":"DOUBLE"},{"name":"paid","type_name":"BOOLEAN"},\
            {"name":"at","type_name":"TIMESTAMP"},{"name":"note","type_name":"STRING"}]\
            """,
            """
            [["7","12.50","NaN","true","2026-01-01T00:00:00Z",null]]\
            """,
            ""));
    Rows rows = (Rows) run(List.of());
    assertThat(rows.rows())
        .containsExactly(
            Arrays.asList(7L, new BigDecimal("12.50"), "NaN", true, "2026-01-01T00:00:00Z", null));
    assertThat(rows.columns().getFirst()).isEqualTo(new ConnectorResult.Column("id", "LONG"));
  }

  @Test
  void chunksAreFollowedByNumberUntilThereAreNoMore() {
    source.script(request ->
        request.path().endsWith("/result/chunks/1")
            ? Reply.json(200, "{\"chunk_index\":1,\"data_array\":[[\"b\"]]}")
            : succeeded(text("region"), "[[\"a\"]]", ",\"next_chunk_index\":1"));
    assertThat(((Rows) run(List.of("region"))).rows()).containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void aChunkThatIsNotTheNextOneIsNotFetched() {
    source.script(_ -> succeeded(text("region"), "[[\"a\"]]", ",\"next_chunk_index\":5"));
    assertThat(failure(List.of("region"))).isEqualTo(new ConnectorFailure.Malformed("chunk"));
  }

  @Test
  void preSignedLinksAreNotTaken() {
    source.script(_ -> succeeded(text("region"), "[]", ",\"external_links\":[]"));
    assertThat(failure(List.of("region")))
        .isEqualTo(new ConnectorFailure.Malformed("external_links"));
  }

  @Test
  void columnsThatWereNotAskedForAreNotAnswered() {
    source.script(_ -> succeeded(text("email"), "[[\"a@b\"]]", ""));
    assertThat(failure(List.of("region"))).isEqualTo(new ConnectorFailure.Malformed("columns"));
  }

  @Test
  void aRunningStatementIsPolledThroughPassingTrouble() {
    var polls = new AtomicInteger();
    source.script(request ->
        switch (request.method().equals("POST") ? 0 : polls.incrementAndGet()) {
          case 0, 1 -> running();
          case 2 -> Reply.json(503, "{}");
          default -> succeeded(text("region"), "[[\"a\"]]", "");
        });
    assertThat(run(List.of("region"))).isInstanceOf(Rows.class);
    assertThat(source.received()).filteredOn(r -> r.method().equals("POST")).hasSize(1);
  }

  @Test
  void aPollThatIsRefusedEndsInACancel() {
    source.script(request ->
        request.method().equals("POST") ? running() : Reply.json(403, "{\"error_code\":\"x\"}"));
    assertThat(failure(List.of("region"))).isInstanceOf(ConnectorFailure.DeniedBySource.class);
    assertThat(source.received().getLast().path()).endsWith(ID + "/cancel");
  }

  @Test
  void anIdThatIsNoIdIsNeverPutIntoAPath() {
    source.script(
        _ -> Reply.json(200, "{\"statement_id\":\"../x\",\"status\":{\"state\":\"RUNNING\"}}"));
    assertThat(failure(List.of("region")))
        .isEqualTo(new ConnectorFailure.Malformed("statement_id"));
    assertThat(source.received()).hasSize(1);
  }

  @Test
  void theSubmissionWaitsBrieflyAndNamesTheDecision() {
    source.script(_ -> succeeded(text("region"), "[]", ""));
    var _ = run(List.of("region"));
    Received sent = source.received().getFirst();
    var body = JsonMapper.builder().build().readTree(sent.body());
    assertThat(body.path("wait_timeout").asString()).isEqualTo("5s");
    assertThat(body.path("on_wait_timeout").asString()).isEqualTo("CONTINUE");
    assertThat(body.path("disposition").asString()).isEqualTo("INLINE");
    assertThat(body.path("warehouse_id").asString()).isEqualTo("warehouse-1");
    assertThat(body.path("query_tags").get(0).path("value").asString())
        .isEqualTo("01920000-0000-7000-8000-000000000001");
    assertThat(sent.header("traceparent"))
        .matches("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01");
  }

  private ConnectorFailure failure(List<String> columns) {
    return ((ConnectorResult.Failed) run(columns)).failure();
  }

  private ConnectorResult run(List<String> columns) {
    var connector =
        DatabricksConnector.of(
            new ConnectorId("databricks-sales"),
            columns.isEmpty() ? wide() : Tables.at(source.uri()),
            List.of());
    var limits = new DataRequest.Limits(100, 100_000);
    Map<String, Object> arguments =
        columns.isEmpty()
            ? Map.of("table", "main.sales.wide")
            : Map.of("table", "main.sales.orders", "columns", columns);
    var request =
        new DataRequest(
            connector.id(), StructuredQueryPlanner.operation("query"), arguments, limits);
    var plan = ((Planning.Planned) connector.plan(request)).plan();
    AuthorizedRequest authorized =
        Authorizations.issue(
            plan,
            List.of(),
            limits,
            new AuthorizedRequest.Correlation("req-1", "0af7651916cd43dd8448eb211c80319c"),
            Duration.ofSeconds(20));
    return Objects.requireNonNull(
        connector.execute(authorized, new PersonsAccess("alice")).block(Duration.ofSeconds(30)));
  }

  private DatabricksProperties wide() {
    return new DatabricksProperties(
        source.uri().toString(),
        "warehouse-1",
        "scope",
        List.of(
            new DatabricksProperties.TableProperties(
                "main.sales.wide",
                List.of(
                    "id bigint",
                    "amount decimal(12,2)",
                    "ratio double",
                    "paid boolean",
                    "at timestamp",
                    "note string"))));
  }

  private static String text(String column) {
    return "[{\"name\":\"" + column + "\",\"type_name\":\"STRING\"}]";
  }

  private static Reply running() {
    return Reply.json(200, "{\"statement_id\":\"" + ID + "\",\"status\":{\"state\":\"RUNNING\"}}");
  }

  private static Reply succeeded(String columns, String data, String more) {
    return Reply.json(
        200,
        """
        {"statement_id":"%s","status":{"state":"SUCCEEDED"},\
        "manifest":{"schema":{"columns":%s}},"result":{"chunk_index":0,"data_array":%s%s}}\
        """
            .formatted(ID, columns, data, more));
  }
}
