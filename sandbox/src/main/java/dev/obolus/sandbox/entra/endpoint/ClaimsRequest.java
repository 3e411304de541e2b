// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.EntraError;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The {@code claims} parameter (OpenID Connect Core 5.5), as far as Entra's clients use it.
 *
 * @param policies whose challenge is answered: {@code capolids}
 * @param contexts wanted authentication contexts: {@code acrs}
 * @param capabilities what the client can do: {@code xms_cc}
 */
record ClaimsRequest(Set<String> policies, Set<String> contexts, Set<String> capabilities) {

  static ClaimsRequest read(String json) throws EntraError.Refused {
    if (json.isBlank()) {
      return new ClaimsRequest(Set.of(), Set.of(), Set.of());
    }
    try {
      JsonNode wanted = JsonMapper.shared().readTree(json).path("access_token");
      return new ClaimsRequest(
          values(wanted.path("capolids")),
          values(wanted.path("acrs")),
          values(wanted.path("xms_cc")));
    } catch (JacksonException _) {
      throw EntraError.of("invalid_request", 9002313, "The claims parameter is not JSON.")
          .refused();
    }
  }

  private static Set<String> values(JsonNode member) {
    Set<String> values = new TreeSet<>();
    member.path("values").forEach(value -> values.add(value.asString("")));
    values.add(member.path("value").asString(""));
    values.remove("");
    return values;
  }
}
