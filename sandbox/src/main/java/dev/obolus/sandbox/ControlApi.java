// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.journal.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sandbox's own door, {@code /sandbox/}: tokens for the command line, the journal, health. Only
 * from this machine, and only under a loopback name, so that no web page can use it.
 */
final class ControlApi implements HttpHandler {
  private static final JsonMapper JSON = JsonMapper.shared();
  private final Sandbox sandbox;

  ControlApi(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      if (call.equals("GET /sandbox/health")) {
        send(exchange, 200, JSON.createObjectNode().put("status", "UP"));
      } else if (!isLocal(exchange)) {
        send(exchange, 403, fault("only from this machine"));
      } else if (call.equals("POST /sandbox/token")) {
        token(exchange);
      } else if (call.equals("POST /sandbox/delay")) {
        delay(exchange);
      } else if (call.equals("GET /sandbox/journal")) {
        send(exchange, 200, journal());
      } else {
        send(exchange, 404, fault("there is no such thing here"));
      }
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    JsonNode asked;
    try {
      asked = JSON.readTree(exchange.getRequestBody().readNBytes(64 * 1024));
    } catch (JacksonException _) {
      send(exchange, 400, fault("the body is not JSON"));
      return;
    }
    String who = asked.path("who").asString("");
    String agent = asked.path("agent").asString("finance-copilot");
    Optional<Directory.User> user = Directory.user(who);
    Optional<App> app = Directory.app(who);
    if (Directory.app(agent).isEmpty()) {
      send(exchange, 404, fault("there is no agent called " + agent));
    } else if (user.isPresent() && asked.path("resource").asString("").equals("operator")) {
      send(exchange, 200, granted(sandbox.operatorToken(who)));
    } else if (user.isPresent()) {
      send(exchange, 200, granted(sandbox.userToken(who, agent)));
    } else if (app.isPresent()) {
      send(exchange, 200, granted(sandbox.appToken(who)));
    } else {
      send(exchange, 404, fault("there is no user or client called " + who));
    }
  }

  /** Every statement from now on takes at least so long, in the engine. */
  private void delay(HttpExchange exchange) throws IOException {
    try {
      long ms = JSON.readTree(exchange.getRequestBody().readNBytes(1_024)).path("ms").asLong(0);
      sandbox.databricks().delayStatements(Duration.ofMillis(ms));
      send(exchange, 200, JSON.createObjectNode().put("ms", ms));
    } catch (JacksonException _) {
      send(exchange, 400, fault("the body is not JSON"));
    }
  }

  private ObjectNode journal() {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode entries = json.putArray("entries");
    for (Journal.Entry entry : sandbox.journal().entries()) {
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

  private static ObjectNode granted(String token) {
    return JSON.createObjectNode().put("access_token", token).put("expires_in", 3_600);
  }

  private static ObjectNode fault(String text) {
    return JSON.createObjectNode().put("error", text);
  }

  private static boolean isLocal(HttpExchange exchange) {
    String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
    String name = host.replaceFirst(":\\d+$", "");
    return exchange.getRemoteAddress().getAddress().isLoopbackAddress()
        && (name.equals("127.0.0.1") || name.equals("localhost") || name.equals("[::1]"));
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
