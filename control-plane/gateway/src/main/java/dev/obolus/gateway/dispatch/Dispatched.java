// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
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
   */
  record Failed(
      ErrorCode code,
      boolean bySource,
      SourceState state,
      Optional<Duration> retryAfter,
      Optional<String> claims,
      Usage usage)
      implements Dispatched {

    static Failed of(ErrorCode code, boolean bySource, SourceState state, Usage usage) {
      return new Failed(code, bySource, state, Optional.empty(), Optional.empty(), usage);
    }
  }
}
