// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ConsentRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeDenied;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import java.time.Duration;
import java.util.Optional;

/** The seven things that a refusal by Entra can mean to a caller. */
enum EntraAnswer {
  /** The caller's token is no longer good: obtain a new one. */
  NEW_TOKEN,
  /** A further sign-in is wanted. */
  STEP_UP,
  /** Somebody must consent. */
  CONSENT,
  /** Final: a policy or an assignment. */
  DENIED,
  /** The gateway, or the tenant, is set up wrongly. */
  MISCONFIGURED,
  /** The gateway's own credential is bad. */
  CREDENTIAL,
  /** Passing: wait. */
  TRANSIENT;

  /**
   * @param code what is told of the refusal: Entra's number and nothing that it wrote
   * @param claims what a sign-in is to bring, as Entra asks
   */
  ConnectorFailure failure(String code, Optional<String> claims, Optional<Duration> retryAfter) {
    return switch (this) {
      case NEW_TOKEN -> new TokenRejected(code);
      case STEP_UP -> new ChallengeRequired(claims.orElse(""));
      case CONSENT -> new ConsentRequired(code);
      case DENIED ->
          claims
              .<ConnectorFailure>map(ChallengeRequired::new)
              .orElseGet(() -> new ExchangeDenied(code));
      case MISCONFIGURED -> new Misconfigured(code);
      case CREDENTIAL, TRANSIENT -> new ExchangeUnavailable(code, retryAfter);
    };
  }
}
