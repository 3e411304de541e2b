// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.web.server.ServerWebExchange;

/**
 * What belongs to one exchange: its ids, and what its one log line will say. Values put here are
 * codes and ids, never a word of the request.
 */
final class Envelope {
  private static final String ATTRIBUTE = Envelope.class.getName();

  private final String requestId;
  private final String traceId;
  private final Map<String, Object> facts = new LinkedHashMap<>();

  Envelope(String requestId, String traceId) {
    this.requestId = requestId;
    this.traceId = traceId;
  }

  static Envelope of(ServerWebExchange exchange) {
    return exchange.getRequiredAttribute(ATTRIBUTE);
  }

  void attachTo(ServerWebExchange exchange) {
    exchange.getAttributes().put(ATTRIBUTE, this);
  }

  String requestId() {
    return requestId;
  }

  /** W3C trace id, 32 lower-case hex digits. */
  String traceId() {
    return traceId;
  }

  void tell(String name, Object codeOrId) {
    facts.put(name, codeOrId);
  }

  Map<String, Object> facts() {
    return facts;
  }
}
