// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import java.net.URI;
import java.util.List;

/** A configuration like the demo's. */
final class Tables {
  private Tables() {}

  static DatabricksProperties at(URI source) {
    return new DatabricksProperties(
        source.toString(),
        "warehouse-1",
        "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default",
        List.of(
            new DatabricksProperties.TableProperties(
                "main.sales.orders",
                List.of("id bigint", "region string", "email string", "amount decimal(12,2)"))));
  }
}
