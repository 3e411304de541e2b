// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * How the gateway proves to a token endpoint which application it is.
 *
 * <p>Guarantees: no {@code toString} shows what proves it.
 */
interface ClientCredential {
  String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  /** The form's members for one request to this endpoint; an error where none can be had. */
  Mono<Map<String, String>> proof(String tokenEndpoint);

  /** Reads what the proof for this endpoint was made from again. True where that has changed. */
  Mono<Boolean> renew(String tokenEndpoint);

  static Map<String, String> asserting(String assertion) {
    return Map.of("client_assertion_type", ASSERTION_TYPE, "client_assertion", assertion);
  }
}
