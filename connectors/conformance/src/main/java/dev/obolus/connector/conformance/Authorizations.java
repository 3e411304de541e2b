// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.conformance;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.PermitRef;
import dev.obolus.terms.Obligation;
import java.time.Duration;
import java.util.List;

/** Issues requests without a log behind them, for connectors' tests and for nothing else. */
public final class Authorizations {
  private static final PermitRef PERMIT =
      new PermitRef("01920000-0000-7000-8000-000000000001", "0".repeat(32), 7);

  private Authorizations() {}

  public static AuthorizedRequest issue(
      AccessPlan plan,
      List<Obligation> obligations,
      DataRequest.Limits limits,
      AuthorizedRequest.Correlation correlation,
      Duration deadline) {
    return AuthorizedRequest.issue(plan, obligations, limits, PERMIT, correlation, deadline);
  }
}
