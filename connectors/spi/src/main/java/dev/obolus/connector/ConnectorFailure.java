// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.time.Duration;
import java.util.Optional;

/**
 * Why a call failed, in words common to all sources. Nothing in here was written by an upstream
 * except a code that the connector knows.
 */
public sealed interface ConnectorFailure {

  /** The source, or Entra, does not accept who the person is. */
  record NotAuthenticated(String code) implements ConnectorFailure {}

  /** Entra no longer takes the token that the person presented: a new one is needed. */
  record TokenRejected(String code) implements ConnectorFailure {}

  /** Final: a policy or an assignment of the person's tenant forbids the exchange. */
  record ExchangeDenied(String code) implements ConnectorFailure {}

  /** Entra is busy, unreachable, or does not take the gateway's own credential. */
  record ExchangeUnavailable(String code, Optional<Duration> retryAfter)
      implements ConnectorFailure {}

  /** The gateway, or the person's tenant, is set up wrongly for this source. */
  record Misconfigured(String code) implements ConnectorFailure {}

  /** A further sign-in is wanted; {@code claims} is the JSON to ask for, at most 4 KB, or empty. */
  record ChallengeRequired(String claims) implements ConnectorFailure {}

  /** Consent to the source is missing in the person's tenant. */
  record ConsentRequired(String code) implements ConnectorFailure {}

  /** The source's own refusal: the person lacks a right there. */
  record DeniedBySource(String code) implements ConnectorFailure {}

  record NotFound(String code) implements ConnectorFailure {}

  record Throttled(Optional<Duration> retryAfter) implements ConnectorFailure {}

  /** The deadline passed. */
  record TimedOut(SourceState state) implements ConnectorFailure {}

  record Unavailable(String code) implements ConnectorFailure {}

  /** The source did not take the statement: it does not parse there, or failed while running. */
  record Rejected(String code) implements ConnectorFailure {}

  /** The source's answer could not be understood. */
  record Malformed(String code) implements ConnectorFailure {}

  record TooLarge(String code) implements ConnectorFailure {}

  /** What became of the work at the source. */
  enum SourceState {
    NOT_CALLED,
    STOPPED,
    FINISHED,
    UNKNOWN;

    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
