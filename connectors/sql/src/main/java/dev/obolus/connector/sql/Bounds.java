// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import dev.obolus.terms.Obligation;
import java.util.List;

/** How much may be answered: the smallest of all that is said about it. */
final class Bounds {
  /** One more than this must still be an integer at the source. */
  private static final int MOST = Integer.MAX_VALUE - 1;

  private Bounds() {}

  static DataRequest.Limits of(List<Obligation> obligations, DataRequest.Limits limits) {
    int rows = Math.min(limits.rows(), MOST);
    long bytes = limits.bytes();
    for (Obligation obligation : obligations) {
      switch (obligation) {
        case Obligation.MaxRows(int most) -> rows = Math.min(rows, most);
        case Obligation.MaxBytes(long most) -> bytes = Math.min(bytes, most);
        case Obligation.RowFilter _, Obligation.ColumnMask _ -> {}
      }
    }
    return new DataRequest.Limits(rows, bytes);
  }
}
