// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.Optional;

/**
 * What a caller may be told of an exchange that the identity provider refused: codes and ids, never
 * a sentence of the provider's.
 *
 * @param code such as {@code aadsts65001}
 * @param correlationId the provider's id of the exchange, for its operators
 * @param traceId a second id of the same
 * @param consent how the missing consent is given, where that is what is missing
 */
public record RefusedExchange(
    String code,
    Optional<String> correlationId,
    Optional<String> traceId,
    Optional<Consent> consent) {

  /**
   * @param uri where an administrator consents, at the configured authority
   * @param scope what is asked for
   */
  public record Consent(String uri, String scope) {}
}
