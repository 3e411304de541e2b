// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.Dispatched.Failed;
import java.time.Duration;
import java.util.Optional;

/** The one mapping from a connector's failures to error codes. */
final class Failures {
  private Failures() {}

  /** The source's failure, as the connector tells it. */
  static Failed bySource(ConnectorFailure failure, SourceState state, Usage usage) {
    boolean own =
        switch (failure) {
          case ConnectorFailure.NotAuthenticated _,
              ConnectorFailure.DeniedBySource _,
              ConnectorFailure.NotFound _,
              ConnectorFailure.Throttled _,
              ConnectorFailure.Rejected _ ->
              true;
          case ConnectorFailure.TokenRejected _,
              ConnectorFailure.ExchangeDenied _,
              ConnectorFailure.ExchangeUnavailable _,
              ConnectorFailure.Misconfigured _,
              ConnectorFailure.ChallengeRequired _,
              ConnectorFailure.ConsentRequired _,
              ConnectorFailure.TimedOut _,
              ConnectorFailure.Unavailable _,
              ConnectorFailure.Malformed _,
              ConnectorFailure.TooLarge _ ->
              false;
        };
    return translate(failure, own, state, usage);
  }

  /** A refusal on the way to the source: no token was to be had. */
  static Failed onTheWay(ConnectorFailure failure, SourceState state, Usage usage) {
    return translate(failure, false, state, usage);
  }

  private static Failed translate(
      ConnectorFailure failure, boolean own, SourceState state, Usage usage) {
    return switch (failure) {
      case ConnectorFailure.TokenRejected _ ->
          Failed.of(ErrorCode.INVALID_TOKEN, own, state, usage);
      case ConnectorFailure.ExchangeUnavailable(_, Optional<Duration> retryAfter) ->
          waiting(ErrorCode.IDENTITY_UNAVAILABLE, own, state, retryAfter, usage);
      case ConnectorFailure.ExchangeDenied _ ->
          Failed.of(ErrorCode.IDENTITY_DENIED, own, state, usage);
      case ConnectorFailure.Misconfigured _ ->
          Failed.of(ErrorCode.IDENTITY_MISCONFIGURED, own, state, usage);
      case ConnectorFailure.ChallengeRequired(String claims) ->
          challenged(claims, own, state, usage);
      case ConnectorFailure.ConsentRequired _ ->
          Failed.of(ErrorCode.CONSENT_REQUIRED, own, state, usage);
      case ConnectorFailure.NotAuthenticated _ ->
          Failed.of(ErrorCode.SOURCE_AUTHENTICATION, own, state, usage);
      case ConnectorFailure.DeniedBySource _ ->
          Failed.of(ErrorCode.SOURCE_DENIED, own, state, usage);
      case ConnectorFailure.NotFound _ -> Failed.of(ErrorCode.SOURCE_NOT_FOUND, own, state, usage);
      case ConnectorFailure.Throttled(Optional<Duration> retryAfter) ->
          waiting(ErrorCode.SOURCE_THROTTLED, own, state, retryAfter, usage);
      case ConnectorFailure.TimedOut(SourceState told) ->
          Failed.of(ErrorCode.SOURCE_TIMED_OUT, own, farther(told, state), usage);
      case ConnectorFailure.Unavailable _ ->
          Failed.of(ErrorCode.SOURCE_UNAVAILABLE, own, state, usage);
      case ConnectorFailure.Rejected _ -> Failed.of(ErrorCode.SOURCE_REJECTED, own, state, usage);
      case ConnectorFailure.Malformed _ -> Failed.of(ErrorCode.SOURCE_MALFORMED, own, state, usage);
      case ConnectorFailure.TooLarge _ -> Failed.of(ErrorCode.RESULT_TOO_LARGE, own, state, usage);
    };
  }

  /** A connector cannot make a call undone that was seen to be made. */
  private static SourceState farther(SourceState told, SourceState seen) {
    return told == SourceState.NOT_CALLED ? seen : told;
  }

  private static Failed waiting(
      ErrorCode code, boolean own, SourceState state, Optional<Duration> retryAfter, Usage usage) {
    return new Failed(code, own, state, retryAfter, Optional.empty(), usage);
  }

  private static Failed challenged(String claims, boolean own, SourceState state, Usage usage) {
    Optional<String> wanted = Optional.of(claims).filter(text -> !text.isBlank());
    return new Failed(ErrorCode.STEP_UP_REQUIRED, own, state, Optional.empty(), wanted, usage);
  }
}
