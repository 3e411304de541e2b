// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.DeniedBySource;
import dev.obolus.connector.ConnectorFailure.Malformed;
import dev.obolus.connector.ConnectorFailure.NotAuthenticated;
import dev.obolus.connector.ConnectorFailure.NotFound;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorFailure.Throttled;
import dev.obolus.connector.ConnectorFailure.TimedOut;
import dev.obolus.connector.ConnectorFailure.TooLarge;
import dev.obolus.connector.ConnectorFailure.Unavailable;
import java.time.Duration;
import java.util.Optional;

/** Ends a chain of calls; the connector turns it into a value. No word of Graph's is in it. */
final class GraphFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final long LONGEST_WAIT = 3_600;
  private final transient ConnectorFailure failure;

  GraphFailure(ConnectorFailure failure) {
    super(failure.getClass().getSimpleName(), null, false, false);
    this.failure = failure;
  }

  /**
   * A refusal by HTTP status (Microsoft Graph, "Error responses and resource types").
   *
   * @param code the body's {@code error.code}, or empty
   */
  static GraphFailure of(int status, String code, Optional<String> retryAfter) {
    return new GraphFailure(
        switch (status) {
          case 400 ->
              code.equals("Directory_ResultSizeLimitExceeded")
                  ? new TooLarge("groups")
                  : new Malformed("request_rejected");
          case 401 -> new NotAuthenticated("unauthenticated");
          case 403 -> new DeniedBySource("forbidden");
          case 404 -> new NotFound("not_found");
          case 408, 504 -> new TimedOut(SourceState.UNKNOWN);
          case 429 -> new Throttled(retryAfter.flatMap(GraphFailure::seconds));
          default ->
              status >= 400 && status < 500
                  ? new Malformed("request_rejected")
                  : new Unavailable(status >= 500 ? "server_error" : "redirected");
        });
  }

  ConnectorFailure failure() {
    return failure;
  }

  private static Optional<Duration> seconds(String retryAfter) {
    return retryAfter.matches("\\d{1,9}")
        ? Optional.of(Duration.ofSeconds(Math.min(LONGEST_WAIT, Long.parseLong(retryAfter))))
        : Optional.empty();
  }
}
