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

/** The seven things that a refusal by a token endpoint can mean to a caller, A to G. */
enum EntraAnswer {
  /** A: the caller's token is no longer good: obtain a new one. */
  NEW_TOKEN,
  /** B: a further sign-in is wanted. */
  STEP_UP,
  /** C: somebody must consent. */
  CONSENT,
  /** D: final: a policy or an assignment. */
  DENIED,
  /** E: the gateway, or the tenant, is set up wrongly. */
  MISCONFIGURED,
  /** F: the gateway's own credential is bad. */
  CREDENTIAL,
  /** G: passing: wait. */
  TRANSIENT;

  /**
   * @param code what is told of the refusal: Entra's number and nothing that it wrote
   * @param claims what a sign-in is to bring, as Entra asks
   */
  ConnectorFailure failure(String code, Optional<String> claims, Optional<Duration> retryAfter) {
    return switch (this) {
      case NEW_TOKEN -> challengeOr(claims, new TokenRejected(code));
      case STEP_UP -> new ChallengeRequired(claims.orElse(""));
      case CONSENT -> new ConsentRequired(code);
      case DENIED -> challengeOr(claims, new ExchangeDenied(code));
      case MISCONFIGURED -> new Misconfigured(code);
      case CREDENTIAL, TRANSIENT -> new ExchangeUnavailable(code, retryAfter);
    };
  }

  /** Where claims are asked for, a sign-in that brings them helps. */
  private static ConnectorFailure challengeOr(Optional<String> claims, ConnectorFailure otherwise) {
    return claims.<ConnectorFailure>map(ChallengeRequired::new).orElse(otherwise);
  }
}
