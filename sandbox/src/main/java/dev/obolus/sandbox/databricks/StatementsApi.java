// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/2.0/sql/statements}: submit, poll, chunks, cancel, as the Statement Execution API
 * answers them. Only {@code INLINE} results as {@code JSON_ARRAY}; other formats are refused.
 */
public final class StatementsApi implements HttpHandler, AutoCloseable {
  public static final String PATH = "/api/2.0/sql/statements";

  private static final Pattern ONE =
      Pattern.compile(PATH + "/([0-9a-f-]{36})(/cancel|/result/chunks/(\\d{1,6}))?");
  private static final int LARGEST_BODY = 17 * 1024 * 1024;
  private static final int CHUNK_ROWS = 500;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Bearers bearers;
  private final Observer observer;
  private final Warehouse warehouse;
  private volatile @Nullable Scripted scripted;

  /**
   * @param user may create nothing, and may {@code SET ROLE} to every person
   */
  public StatementsApi(
      Bearers bearers, Observer observer, String url, String user, String password) {
    this.bearers = bearers;
    this.observer = observer;
    this.warehouse = new Warehouse(url, user, password);
  }

  /** For tests: every statement from now on takes at least so long, in the engine. */
  public void delayStatements(Duration atLeast) {
    warehouse.delayStatements(atLeast);
  }

  /** For tests: every call but a cancellation is answered so, until told otherwise by null. */
  public void script(@Nullable Scripted answer) {
    scripted = answer;
  }

  /**
   * An answer that is not the source's usual one.
   *
   * @param after how long the caller waits for it
   */
  public record Scripted(
      int status, String contentType, String body, Map<String, String> headers, Duration after) {

    /** HTTP 200, with the failure inside. */
    public static Scripted failedInside(String errorCode, String message) {
      ObjectNode body = JSON.createObjectNode().put("statement_id", UUID.randomUUID().toString());
      body.putObject("status")
          .put("state", "FAILED")
          .putObject("error")
          .put("error_code", errorCode)
          .put("message", message);
      return json(200, body, Map.of());
    }

    public static Scripted throttled(int retryAfterSeconds) {
      return json(
          429,
          JSON.createObjectNode()
              .put("error_code", "REQUEST_LIMIT_EXCEEDED")
              .put("message", "Too many requests."),
          Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
    }

    /** What a proxy before the workspace answers with. */
    public static Scripted page(int status) {
      return new Scripted(
          status, "text/html", "<html><body>Sorry.</body></html>", Map.of(), Duration.ZERO);
    }

    /** Silence, until the sandbox is closed. */
    public static Scripted hanging() {
      return new Scripted(504, "text/plain", "", Map.of(), Duration.ofDays(1));
    }

    private static Scripted json(int status, JsonNode body, Map<String, String> headers) {
      return new Scripted(status, "application/json", body.toString(), headers, Duration.ZERO);
    }
  }

  /** Sees every call of an accepted token. */
  @FunctionalInterface
  public interface Observer {
    void saw(Person person, String call, @Nullable String statement);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("x-request-id", UUID.randomUUID().toString());
      try {
        Optional<Person> person = person(exchange);
        if (person.isEmpty()) {
          refuse(
              exchange,
              401,
              "UNAUTHENTICATED",
              "Credential was not sent or was of an unsupported type for this API.");
        } else {
          Scripted script = scripted;
          if (script == null || exchange.getRequestURI().getPath().endsWith("/cancel")) {
            route(exchange, person.get());
          } else {
            play(exchange, person.get(), script);
          }
        }
      } catch (BadRequest e) {
        refuse(exchange, 400, "INVALID_PARAMETER_VALUE", String.valueOf(e.getMessage()));
      }
    }
  }

  private void play(HttpExchange exchange, Person person, Scripted script) throws IOException {
    observer.saw(person, "scripted " + script.status(), null);
    try {
      Thread.sleep(script.after());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    script.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    send(exchange, script.status(), script.contentType(), script.body());
  }

  private Optional<Person> person(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    return header == null || !header.startsWith("Bearer ")
        ? Optional.empty()
        : bearers.check(header.substring("Bearer ".length()));
  }

  private void route(HttpExchange exchange, Person person) throws IOException, BadRequest {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    Matcher one = ONE.matcher(path);
    if (path.equals(PATH) && method.equals("POST")) {
      submit(exchange, person);
    } else if (one.matches()) {
      Optional<Execution> found = warehouse.find(person, one.group(1));
      if (found.isEmpty()) {
        refuse(exchange, 404, "NOT_FOUND", "The statement " + one.group(1) + " was not found.");
      } else if ("/cancel".equals(one.group(2)) && method.equals("POST")) {
        cancel(exchange, person, found.get());
      } else if (one.group(3) != null && method.equals("GET")) {
        chunk(exchange, found.get(), Integer.parseInt(one.group(3)));
      } else if (one.group(2) == null && method.equals("GET")) {
        observer.saw(person, "poll", null);
        answer(exchange, 200, described(found.get()));
      } else {
        refuse(exchange, 405, "BAD_REQUEST", "The method is not allowed here.");
      }
    } else {
      refuse(exchange, 404, "ENDPOINT_NOT_FOUND", "No API found for '" + method + " " + path + "'");
    }
  }

  private void submit(HttpExchange exchange, Person person) throws IOException, BadRequest {
    JsonNode body = body(exchange);
    String statement = required(body, "statement");
    String _ = required(body, "warehouse_id");
    expect(body, "format", "JSON_ARRAY", "JSON_ARRAY");
    expect(body, "disposition", "INLINE", "INLINE");
    if (body.has("catalog") || body.has("schema")) {
      throw new BadRequest("catalog and schema are not imitated: name tables in three parts");
    }
    observer.saw(person, "submit", statement);
    Execution execution =
        warehouse.submit(
            person,
            new Warehouse.Job(
                statement, parameters(body), limit(body, "row_limit"), limit(body, "byte_limit")));
    if (!await(execution, waitSeconds(body))
        && body.path("on_wait_timeout").asString("CONTINUE").equals("CANCEL")) {
      execution.cancel();
    }
    answer(exchange, 200, described(execution));
  }

  private void cancel(HttpExchange exchange, Person person, Execution execution)
      throws IOException {
    observer.saw(person, "cancel", null);
    execution.cancel();
    answer(exchange, 200, JSON.createObjectNode());
  }

  private void chunk(HttpExchange exchange, Execution execution, int index) throws IOException {
    Execution.Table table = execution.table();
    if (table == null || index >= chunks(table)) {
      refuse(exchange, 404, "NOT_FOUND", "There is no chunk " + index + ".");
    } else {
      answer(exchange, 200, data(execution, table, index));
    }
  }

  private static ObjectNode described(Execution execution) {
    ObjectNode answer = JSON.createObjectNode();
    answer.put("statement_id", execution.id());
    ObjectNode status = answer.putObject("status").put("state", execution.state().name());
    SqlFailure failure = execution.failure();
    if (failure != null) {
      status.put("sql_state", failure.sqlState());
      status
          .putObject("error")
          .put("error_code", failure.errorCode())
          .put("message", String.valueOf(failure.getMessage()));
    }
    Execution.Table table = execution.table();
    if (table != null) {
      answer.set("manifest", manifest(table));
      answer.set("result", data(execution, table, 0));
    }
    return answer;
  }

  private static ObjectNode manifest(Execution.Table table) {
    ObjectNode manifest = JSON.createObjectNode().put("format", "JSON_ARRAY");
    ObjectNode schema = manifest.putObject("schema").put("column_count", table.columns().size());
    ArrayNode columns = schema.putArray("columns");
    for (int i = 0; i < table.columns().size(); i++) {
      Execution.Table.Column column = table.columns().get(i);
      columns
          .addObject()
          .put("name", column.name())
          .put("type_text", column.typeText())
          .put("type_name", column.typeName())
          .put("position", i);
    }
    ArrayNode chunks = manifest.putArray("chunks");
    for (int i = 0; i < chunks(table); i++) {
      chunks
          .addObject()
          .put("chunk_index", i)
          .put("row_offset", i * CHUNK_ROWS)
          .put("row_count", rows(table, i).size());
    }
    return manifest
        .put("total_row_count", table.rows().size())
        .put("total_chunk_count", chunks(table))
        .put("truncated", table.truncated());
  }

  private static ObjectNode data(Execution execution, Execution.Table table, int index) {
    ObjectNode result =
        JSON.createObjectNode()
            .put("chunk_index", index)
            .put("row_offset", index * CHUNK_ROWS)
            .put("row_count", rows(table, index).size());
    ArrayNode array = result.putArray("data_array");
    for (List<@Nullable String> row : rows(table, index)) {
      ArrayNode values = array.addArray();
      row.forEach(values::add);
    }
    if (index + 1 < chunks(table)) {
      result.put("next_chunk_index", index + 1);
      result.put(
          "next_chunk_internal_link",
          PATH + "/" + execution.id() + "/result/chunks/" + (index + 1));
    }
    return result;
  }

  private static List<List<@Nullable String>> rows(Execution.Table table, int chunk) {
    int from = Math.min(chunk * CHUNK_ROWS, table.rows().size());
    return table.rows().subList(from, Math.min(from + CHUNK_ROWS, table.rows().size()));
  }

  private static int chunks(Execution.Table table) {
    return Math.max(1, (table.rows().size() + CHUNK_ROWS - 1) / CHUNK_ROWS);
  }

  private static Map<String, Translator.Parameter> parameters(JsonNode body) throws BadRequest {
    Map<String, Translator.Parameter> parameters = new LinkedHashMap<>();
    for (JsonNode parameter : body.path("parameters")) {
      JsonNode value = parameter.path("value");
      parameters.put(
          required(parameter, "name"),
          new Translator.Parameter(
              value.isMissingNode() || value.isNull() ? null : value.asString(),
              parameter.path("type").asString("STRING")));
    }
    return parameters;
  }

  private static long limit(JsonNode body, String name) throws BadRequest {
    JsonNode limit = body.path(name);
    if (limit.isMissingNode()) {
      return Long.MAX_VALUE;
    }
    if (!limit.isIntegralNumber() || limit.asLong() < 1) {
      throw new BadRequest(name + " must be a positive number");
    }
    return limit.asLong();
  }

  private static long waitSeconds(JsonNode body) throws BadRequest {
    String wait = body.path("wait_timeout").asString("10s");
    Matcher seconds = Pattern.compile("(\\d{1,2})s").matcher(wait);
    long value = seconds.matches() ? Long.parseLong(seconds.group(1)) : -1;
    if (value != 0 && (value < 5 || value > 50)) {
      throw new BadRequest("wait_timeout must be 0s or between 5s and 50s");
    }
    return value;
  }

  private static void expect(JsonNode body, String name, String otherwise, String only)
      throws BadRequest {
    if (!body.path(name).asString(otherwise).equals(only)) {
      throw new BadRequest(name + ": only " + only + " is imitated");
    }
  }

  private static String required(JsonNode node, String name) throws BadRequest {
    String value = node.path(name).asString("");
    if (value.isEmpty()) {
      throw new BadRequest(name + " is required");
    }
    return value;
  }

  private static JsonNode body(HttpExchange exchange) throws IOException, BadRequest {
    byte[] bytes = exchange.getRequestBody().readNBytes(LARGEST_BODY);
    try {
      return JSON.readTree(bytes);
    } catch (JacksonException _) {
      throw new BadRequest("the body is not JSON");
    }
  }

  private static boolean await(Execution execution, long seconds) throws IOException {
    try {
      return execution.await(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    answer(
        exchange,
        status,
        JSON.createObjectNode().put("error_code", code).put("message", String.valueOf(message)));
  }

  private static void answer(HttpExchange exchange, int status, JsonNode body) throws IOException {
    send(exchange, status, "application/json", JSON.writeValueAsString(body));
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() throws SQLException {
    warehouse.close();
  }

  /** The request itself is wrong: HTTP 400. */
  private static final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;

    BadRequest(String message) {
      super(message);
    }
  }
}
