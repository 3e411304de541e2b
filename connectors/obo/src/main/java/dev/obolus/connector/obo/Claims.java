// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Claims requests (OpenID Connect core, section 5.5), as sources and Entra write them. */
final class Claims {
  private static final int MOST_BYTES = 4096;
  private static final List<String> KNOWN =
      List.of("acrs", "capolids", "nbf", "polids", "xms_caeerror", "xms_rp_ipaddr");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Claims() {}

  /** A source's claims, with the members that are known to be harmless and no others. */
  static Optional<String> reduced(String claims) {
    return parsed(claims).map(Claims::known).filter(text -> text.length() > 0);
  }

  /** Entra's own claims: an object, and not too long to be handed on. */
  static Optional<String> ofEntra(String claims) {
    return parsed(claims).map(JsonNode::toString);
  }

  /** What is asked for, and beside it that we handle claims challenges ({@code cp1}). */
  static String withContinuousAccess(Optional<String> claims) {
    ObjectNode merged = claims.flatMap(Claims::parsed).orElseGet(JSON::createObjectNode);
    ObjectNode accessToken =
        merged.path("access_token") instanceof ObjectNode present
            ? present
            : merged.putObject("access_token");
    accessToken.putObject("xms_cc").putArray("values").add("cp1");
    return merged.toString();
  }

  /** The three members that a claims request may have, each of its own type. */
  private static ObjectNode shaped(ObjectNode request) {
    ObjectNode shaped = JSON.createObjectNode();
    if (request.path("essential").isBoolean()) {
      shaped.set("essential", request.path("essential"));
    }
    if (request.path("value").isString()) {
      shaped.set("value", request.path("value"));
    }
    JsonNode values = request.path("values");
    if (values.isArray() && values.valueStream().allMatch(JsonNode::isString)) {
      shaped.set("values", values);
    }
    return shaped;
  }

  private static Optional<ObjectNode> parsed(String claims) {
    if (claims.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      return Optional.empty();
    }
    try {
      return JSON.readTree(claims) instanceof ObjectNode node
          ? Optional.of(node)
          : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static String known(ObjectNode claims) {
    ObjectNode accessToken = JSON.createObjectNode();
    for (String name : KNOWN) {
      JsonNode member = claims.path("access_token").path(name);
      if (member instanceof ObjectNode request) {
        accessToken.set(name, shaped(request));
      }
    }
    return accessToken.isEmpty()
        ? ""
        : JSON.createObjectNode().set("access_token", accessToken).toString();
  }
}
