// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.DataRequest;
import java.time.Duration;

/**
 * What configuration says of every request.
 *
 * @param environment the deployment's name, {@code demo} where the sandbox is trusted
 * @param limits the most that is ever answered
 * @param deadline how long a call to a source may take
 * @param replans how often a source may reveal that it would touch more
 */
public record MediationSettings(
    String environment, DataRequest.Limits limits, Duration deadline, int replans) {
  public MediationSettings {
    if (deadline.isNegative() || deadline.isZero() || replans < 0) {
      throw new IllegalArgumentException("a deadline is positive, and replans are not negative");
    }
  }

  /** 10,000 rows, 16 MB, 60 seconds. */
  public static MediationSettings of(String environment) {
    return new MediationSettings(
        environment, new DataRequest.Limits(10_000, 16L << 20), Duration.ofSeconds(60), 2);
  }
}
