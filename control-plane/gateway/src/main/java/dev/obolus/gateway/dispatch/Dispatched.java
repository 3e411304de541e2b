// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.gateway.ErrorCode;
import java.time.Duration;
import java.util.Optional;

/** What came of a call, in the gateway's words. */
public sealed interface Dispatched {

  Usage usage();

  /** Rows within the limits. */
  record Answered(ConnectorResult.Rows rows) implements Dispatched {
    @Override
    public Usage usage() {
      return rows.usage();
    }
  }

  /** The source would touch more than was decided on. */
  record Replanned(AccessPlan plan, Usage usage) implements Dispatched {}

  /**
   * @param bySource the refusal was the source's own
   * @param claims what a further sign-in is to bring, where one would help
   * @param exchange what may be told of the exchange that was refused, where one was
   */
  record Failed(
      ErrorCode code,
      boolean bySource,
      SourceState state,
      Optional<Duration> retryAfter,
      Optional<String> claims,
      Optional<RefusedExchange> exchange,
      Usage usage)
      implements Dispatched {

    public Failed(
        ErrorCode code,
        boolean bySource,
        SourceState state,
        Optional<Duration> retryAfter,
        Optional<String> claims,
        Usage usage) {
      this(code, bySource, state, retryAfter, claims, Optional.empty(), usage);
    }

    static Failed of(ErrorCode code, boolean bySource, SourceState state, Usage usage) {
      return new Failed(code, bySource, state, Optional.empty(), Optional.empty(), usage);
    }

    Failed with(Optional<RefusedExchange> refused) {
      return new Failed(code, bySource, state, retryAfter, claims, refused, usage);
    }
  }
}
