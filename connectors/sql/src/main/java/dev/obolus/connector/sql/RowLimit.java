// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import dev.obolus.terms.Obligation;
import java.util.List;

/** How many rows may be answered. */
final class RowLimit {
  /** One more than this must still be an integer at the source. */
  private static final int MOST = Integer.MAX_VALUE - 1;

  private RowLimit() {}

  static int of(List<Obligation> obligations, DataRequest.Limits limits) {
    return obligations.stream()
        .filter(Obligation.MaxRows.class::isInstance)
        .mapToInt(obligation -> ((Obligation.MaxRows) obligation).rows())
        .reduce(Math.min(limits.rows(), MOST), Math::min);
  }
}
