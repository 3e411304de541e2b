// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.databricks.StatementsApi;
import dev.obolus.sandbox.entra.endpoint.EntraApi;
import dev.obolus.sandbox.journal.Journal;
import dev.obolus.sandbox.vault.VaultApi;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers under {@code /sandbox/}. Only from this machine, only under a loopback name, and not for
 * pages of other sites: no web page can use it.
 */
public final class ControlApi implements HttpHandler {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String ENTRA = "/sandbox/entra/";
  private static final String VAULT = "/sandbox/vault/";
  private static final Set<String> PUBLISHED = Set.of("metadata", "keys");

  private final IssuedTokens tokens;
  private final EntraCommands commands;
  private final ControlPage page;
  private final StatementsApi databricks;
  private final VaultCommands vault;
  private final Journal journal;

  public ControlApi(EntraApi entra, StatementsApi databricks, VaultApi vault, Journal journal) {
    this.tokens = new IssuedTokens(entra);
    this.commands = new EntraCommands(entra);
    this.page = new ControlPage(entra, journal);
    this.databricks = databricks;
    this.vault = new VaultCommands(vault);
    this.journal = journal;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      if (call.equals("GET /sandbox/health")) {
        send(exchange, 200, JSON.createObjectNode().put("status", "UP"));
      } else if (!isLocal(exchange)) {
        send(exchange, 403, fault("only from this machine"));
      } else {
        try {
          answer(exchange, call);
        } catch (IllegalArgumentException e) {
          send(exchange, 400, fault(String.valueOf(e.getMessage())));
        }
      }
    }
  }

  private void answer(HttpExchange exchange, String call) throws IOException {
    switch (call) {
      case "GET /sandbox/" -> page(exchange);
      case "POST /sandbox/token" -> token(exchange);
      case "POST /sandbox/delay" -> delay(exchange);
      case "GET /sandbox/journal" ->
          send(exchange, 200, journal("all".equals(exchange.getRequestURI().getQuery())));
      case "DELETE /sandbox/journal" -> {
        journal.clear();
        send(exchange, 200, JSON.createObjectNode().put("done", true));
      }
      case "GET /sandbox/entra" -> send(exchange, 200, commands.state());
      default -> command(exchange, call);
    }
  }

  private void command(HttpExchange exchange, String call) throws IOException {
    Optional<ObjectNode> done = Optional.empty();
    if (call.startsWith("POST " + ENTRA)) {
      done = commands.run(call.substring(5 + ENTRA.length()), fields(exchange));
    } else if (call.startsWith("POST " + VAULT)) {
      done = vault.run(call.substring(5 + VAULT.length()), fields(exchange));
    }
    if (done.isEmpty()) {
      send(exchange, 404, fault("there is no such thing here"));
    } else if (isForm(exchange)) {
      exchange.getResponseHeaders().set("Location", "/sandbox/");
      exchange.sendResponseHeaders(303, -1);
    } else {
      send(exchange, 200, done.get());
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    IssuedTokens.Answer answer = tokens.issue(fields(exchange));
    switch (answer) {
      case IssuedTokens.Issued(String token, long seconds) ->
          send(
              exchange,
              200,
              JSON.createObjectNode().put("access_token", token).put("expires_in", seconds));
      case IssuedTokens.Unknown(String sentence) -> send(exchange, 404, fault(sentence));
    }
  }

  /** Every statement from now on takes at least so long, in the engine. */
  private void delay(HttpExchange exchange) throws IOException {
    long ms = Long.parseLong(fields(exchange).getOrDefault("ms", "0"));
    databricks.delayStatements(Duration.ofMillis(ms));
    send(exchange, 200, JSON.createObjectNode().put("ms", ms));
  }

  /**
   * @param all fetches of metadata and keys too, which come when a gateway's cache wants them
   */
  private ObjectNode journal(boolean all) {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode entries = json.putArray("entries");
    for (Journal.Entry entry : journal.entries()) {
      if (!all && PUBLISHED.contains(entry.call())) {
        continue;
      }
      ObjectNode one =
          entries
              .addObject()
              .put("at", entry.at().toString())
              .put("door", entry.door())
              .put("call", entry.call())
              .put("person", entry.person())
              .put("application", entry.application());
      entry.more().forEach(one::put);
    }
    return json;
  }

  private void page(HttpExchange exchange) throws IOException {
    String nonce = UUID.randomUUID().toString();
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'nonce-%s'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                .formatted(nonce));
    send(exchange, 200, "text/html; charset=utf-8", page.html(nonce));
  }

  /** A flat JSON object, or a form. */
  private static Map<String, String> fields(HttpExchange exchange) throws IOException {
    String body =
        new String(exchange.getRequestBody().readNBytes(64 * 1024), StandardCharsets.UTF_8);
    return isForm(exchange) ? form(body) : object(body);
  }

  private static Map<String, String> object(String body) {
    Map<String, String> fields = new HashMap<>();
    if (body.isBlank()) {
      return fields;
    }
    try {
      for (Map.Entry<String, JsonNode> field : JSON.readTree(body).properties()) {
        JsonNode value = field.getValue();
        fields.put(field.getKey(), value.isValueNode() ? value.asString("") : value.toString());
      }
      return fields;
    } catch (JacksonException _) {
      throw new IllegalArgumentException("the body is not JSON");
    }
  }

  private static Map<String, String> form(String body) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : List.of(body.split("&", -1))) {
      int equals = pair.indexOf('=');
      if (equals > 0 && equals < pair.length() - 1) {
        fields.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return fields;
  }

  private static boolean isForm(HttpExchange exchange) {
    return header(exchange, "Content-Type").startsWith("application/x-www-form-urlencoded");
  }

  private static boolean isLocal(HttpExchange exchange) {
    String host = header(exchange, "Host");
    String name = host.replaceFirst(":\\d+$", "");
    String origin = header(exchange, "Origin");
    return exchange.getRemoteAddress().getAddress().isLoopbackAddress()
        && (name.equals("127.0.0.1") || name.equals("localhost") || name.equals("[::1]"))
        && (origin.isEmpty()
            || origin.equals("http://" + host)
            || origin.equals("https://" + host));
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static ObjectNode fault(String text) {
    return JSON.createObjectNode().put("error", text);
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    send(exchange, status, "application/json", JSON.writeValueAsString(body));
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
