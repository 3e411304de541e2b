// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** The claims request (OpenID Connect core, section 5.5) that asks for authentication contexts. */
final class StepUps {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private StepUps() {}

  static Optional<String> claims(List<String> acrs) {
    return switch (acrs.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(request("value", acrs.getFirst()));
      default -> Optional.of(request("values", acrs));
    };
  }

  private static String request(String member, Object wanted) {
    Map<String, Object> acrs = new TreeMap<>(Map.of("essential", true, member, wanted));
    return JSON.writeValueAsString(Map.of("access_token", Map.of("acrs", acrs)));
  }
}
