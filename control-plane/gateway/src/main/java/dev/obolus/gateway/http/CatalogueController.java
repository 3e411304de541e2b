// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.connector.Operation;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Catalogue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code GET /v1/connectors}: what this caller could ever be allowed to ask for, from the reviewed
 * catalogue only.
 */
@RestController
final class CatalogueController {
  private final Catalogue catalogue;
  private final ProblemWriter writer;

  CatalogueController(Catalogue catalogue, ProblemWriter writer) {
    this.catalogue = catalogue;
    this.writer = writer;
  }

  @GetMapping("/v1/connectors")
  Mono<Void> connectors(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return catalogue
        .of(caller, Envelope.of(exchange).traceId())
        .map(CatalogueController::body)
        .flatMap(body -> writer.write(exchange, 200, body));
  }

  private static Map<String, Object> body(List<Catalogue.Listed> visible) {
    List<Map<String, Object>> connectors =
        visible.stream()
            .sorted(Comparator.comparing(listed -> listed.connector().value()))
            .map(CatalogueController::describe)
            .toList();
    return new LinkedHashMap<>(Map.of("connectors", connectors));
  }

  private static Map<String, Object> describe(Catalogue.Listed listed) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", listed.connector().value());
    body.put(
        "operations", listed.operations().stream().map(CatalogueController::describe).toList());
    return body;
  }

  private static Map<String, Object> describe(Operation operation) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", operation.name());
    body.put("title", operation.title());
    body.put("description", operation.description());
    body.put("action_class", operation.actionClass().word());
    body.put("lane", operation.lane().word());
    body.put("arguments", schema(operation.arguments()));
    return body;
  }

  /** The arguments as JSON Schema. */
  private static Map<String, Object> schema(List<Operation.Argument> arguments) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Operation.Argument argument : arguments) {
      Map<String, Object> property = new LinkedHashMap<>(typeOf(argument));
      property.put("description", argument.description());
      properties.put(argument.name(), property);
      if (argument.required()) {
        required.add(argument.name());
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }

  private static Map<String, Object> typeOf(Operation.Argument argument) {
    return switch (argument.type()) {
      case TEXT -> Map.of("type", "string", "maxLength", argument.maxLength());
      case INTEGER -> Map.of("type", "integer");
      case TRUTH -> Map.of("type", "boolean");
      case TEXTS -> list(argument, "string");
      case OBJECT -> Map.of("type", "object");
      case OBJECTS -> list(argument, "object");
    };
  }

  private static Map<String, Object> list(Operation.Argument argument, String items) {
    return Map.of(
        "type", "array", "maxItems", argument.maxLength(), "items", Map.of("type", items));
  }
}
