// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.audit.retention.PrunePlanner;
import dev.obolus.gateway.operator.PrunePlanning;
import java.sql.Connection;
import java.util.Map;
import java.util.Set;

/** Plans prunes by what the log's database holds. */
final class StoredPrunePlanning implements PrunePlanning {
  private static final int READ_SECONDS = 300;

  private final LogConnection database;

  StoredPrunePlanning(LogConnection database) {
    this.database = database;
  }

  @Override
  public Map<String, Long> tenants(int epoch) throws Exception {
    try (Connection connection = database.open("obolus-audit-prune", READ_SECONDS)) {
      return PrunePlanner.of(connection).tenants(epoch);
    }
  }

  @Override
  public PrunePlan plan(int epoch, Set<String> tenants) throws Exception {
    try (Connection connection = database.open("obolus-audit-prune", READ_SECONDS)) {
      return PrunePlanner.of(connection).plan(epoch, tenants);
    }
  }
}
