// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.DeniedBySource;
import dev.obolus.connector.ConnectorFailure.Malformed;
import dev.obolus.connector.ConnectorFailure.NotAuthenticated;
import dev.obolus.connector.ConnectorFailure.NotFound;
import dev.obolus.connector.ConnectorFailure.Throttled;
import dev.obolus.connector.ConnectorFailure.Unavailable;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.conformance.SourceDialect;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import dev.obolus.connector.sql.StructuredQueryPlanner;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate.Comparison;
import dev.obolus.terms.Predicate.Literal;
import dev.obolus.terms.Predicate.Operator;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Statement Execution API, as seen from its other end. */
record StatementApiDialect(String canary) implements SourceDialect {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final ResourceName ORDERS = new ResourceName("main.sales.orders");
  private static final String ID = "01ef-abc";

  @Override
  public DataRequest benign(DataRequest.Limits limits) {
    return request(Map.of("table", ORDERS.value(), "columns", List.of("region")), limits);
  }

  @Override
  public DataRequest carrying(String value) {
    return request(
        Map.of(
            "table", ORDERS.value(),
            "columns", List.of("region"),
            "filter", Map.of("type", "field", "field", "region", "operator", "eq", "value", value)),
        new DataRequest.Limits(10, 10_000));
  }

  private static DataRequest request(Map<String, Object> arguments, DataRequest.Limits limits) {
    return new DataRequest(
        new ConnectorId("databricks-sales"),
        StructuredQueryPlanner.operation("query"),
        arguments,
        limits);
  }

  @Override
  public boolean isSubmission(Received request) {
    return request.method().equals("POST") && request.path().equals("/api/2.0/sql/statements");
  }

  @Override
  public boolean isCancel(Received request) {
    return request.method().equals("POST")
        && request.path().equals("/api/2.0/sql/statements/" + ID + "/cancel");
  }

  @Override
  public String executed(Received submission) {
    return body(submission).path("statement").asString();
  }

  private static JsonNode body(Received request) {
    return JSON.readTree(request.body());
  }

  @Override
  public Reply identified(Reply reply, String requestId) {
    return reply.with("x-request-id", requestId);
  }

  @Override
  public Reply rows(List<String> values) {
    return Reply.json(200, succeeded(values, ""));
  }

  static String succeeded(List<String> values, String more) {
    String data =
        values.stream()
            .map(value -> "[" + JSON.writeValueAsString(value) + "]")
            .collect(Collectors.joining(",", "[", "]"));
    return """
    {"statement_id":"%s","status":{"state":"SUCCEEDED"},"manifest":{"format":"JSON_ARRAY",\
    "schema":{"column_count":1,"columns":[{"name":"region","type_text":"STRING",\
    "type_name":"STRING","position":0}]},"total_row_count":%d,"truncated":false},\
    "result":{"chunk_index":0,"row_offset":0,"row_count":%d,"data_array":%s%s}}\
    """
        .formatted(ID, values.size(), values.size(), data, more);
  }

  @Override
  public Reply underWay() {
    return Reply.json(200, "{\"statement_id\":\"" + ID + "\",\"status\":{\"state\":\"RUNNING\"}}");
  }

  @Override
  public Reply cancelled() {
    return Reply.json(200, "{}");
  }

  @Override
  public Reply moreAt(String link) {
    return Reply.json(
        200,
        succeeded(
            List.of("a"), ",\"next_chunk_index\":1,\"next_chunk_internal_link\":\"" + link + "\""));
  }

  @Override
  public List<Refusal> refusals() {
    return List.of(
        new Refusal("401", error(401, "UNAUTHENTICATED"), NotAuthenticated.class),
        new Refusal("401 page", Reply.html(401), NotAuthenticated.class),
        new Refusal("403", error(403, "PERMISSION_DENIED"), DeniedBySource.class),
        new Refusal("403 page", Reply.html(403), DeniedBySource.class),
        new Refusal("404", error(404, "RESOURCE_DOES_NOT_EXIST"), NotFound.class),
        new Refusal("400", error(400, "INVALID_PARAMETER_VALUE"), Malformed.class),
        new Refusal("429", error(429, "x").with("Retry-After", "3"), Throttled.class),
        new Refusal("429 odd", error(429, "x").with("Retry-After", canary), Throttled.class),
        new Refusal("500", error(500, "INTERNAL_ERROR"), Unavailable.class),
        new Refusal("502 page", Reply.html(502), Unavailable.class),
        new Refusal("503", error(503, "TEMPORARILY_UNAVAILABLE"), Unavailable.class),
        new Refusal("504", error(504, "x"), ConnectorFailure.TimedOut.class),
        failed("INSUFFICIENT_PERMISSIONS", "42501", DeniedBySource.class),
        failed("TABLE_OR_VIEW_NOT_FOUND", "42P01", NotFound.class),
        failed("PARSE_SYNTAX_ERROR", "42601", ConnectorFailure.Rejected.class),
        failed("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", ConnectorFailure.Rejected.class),
        failed("DIVIDE_BY_ZERO", "22012", ConnectorFailure.Rejected.class),
        failed("SOMETHING_NEW", "XX000", ConnectorFailure.Rejected.class),
        new Refusal("closed", state("CLOSED"), Unavailable.class),
        new Refusal("canceled", state("CANCELED"), Unavailable.class),
        new Refusal("unknown state", state(canary), Malformed.class));
  }

  private Reply error(int status, String code) {
    return Reply.json(status, "{\"error_code\":\"" + code + "\",\"message\":\"" + canary + "\"}");
  }

  private Refusal failed(
      String condition, String sqlState, Class<? extends ConnectorFailure> meaning) {
    return new Refusal(
        condition,
        Reply.json(
            200,
            """
            {"statement_id":"%s","status":{"state":"FAILED","error":{"error_code":"BAD_REQUEST",\
            "message":"[%s] %s SQLSTATE: %s"},"sql_state":"%s"}}\
            """
                .formatted(ID, condition, canary, sqlState, sqlState)),
        meaning);
  }

  private static Reply state(String state) {
    return Reply.json(
        200, "{\"statement_id\":\"" + ID + "\",\"status\":{\"state\":\"" + state + "\"}}");
  }

  @Override
  public List<Met> obligations() {
    return List.of(
        new Met(
            new Obligation.RowFilter(
                ORDERS, new Comparison("region", Operator.EQ, new Literal.Text("EMEA"))),
            sent ->
                executed(sent).contains("WHERE (`region` = :p0)) AS")
                    && body(sent)
                        .path("parameters")
                        .get(0)
                        .path("value")
                        .asString()
                        .equals("EMEA")),
        new Met(
            new Obligation.ColumnMask(ORDERS, "region", new Mask.Replace("***")),
            sent -> executed(sent).contains("(SELECT :p0 AS `region` FROM")),
        new Met(new Obligation.MaxRows(5), sent -> executed(sent).endsWith(" LIMIT 6")),
        new Met(
            new Obligation.MaxBytes(500), sent -> body(sent).path("byte_limit").asLong() <= 500));
  }

  @Override
  public List<Obligation> unmeetable() {
    return List.of(
        new Obligation.ColumnMask(ORDERS, "ssn", new Mask.Nullify()),
        new Obligation.RowFilter(
            ORDERS, new Comparison("amount", Operator.EQ, new Literal.Text("EMEA"))));
  }

  @Override
  public String scope() {
    return "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";
  }
}
