// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request as a front door read it: well-formed and within sizes, but not yet looked up in the
 * catalogue.
 *
 * @param purpose claimed by the caller, as are {@code conversation} and {@code via}
 * @param traceId W3C trace id, 32 lower-case hex digits; the front door makes one where none came
 */
public record Ask(
    String connector,
    String operation,
    Map<String, Object> arguments,
    Optional<String> purpose,
    Optional<String> conversation,
    List<String> via,
    String traceId) {
  public Ask {
    arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    via = List.copyOf(via);
  }
}
