// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.DataRequest;
import dev.obolus.terms.Obligation;
import java.util.List;

/** A plan that becomes one statement. */
public interface SqlPlan extends AccessPlan {

  /**
   * Writes the statement that meets every one of the obligations.
   *
   * @param limits already reduced to the smallest of caller, obligations and configuration
   * @throws UnmetObligation where one of them cannot be met; asked {@link #meets} first, never
   */
  BoundStatement render(List<Obligation> obligations, DataRequest.Limits limits);

  /** A fault of the request path: an obligation was let through that the plan does not meet. */
  final class UnmetObligation extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UnmetObligation(Obligation obligation) {
      super("obligation not met: " + obligation.kind().word());
    }
  }
}
