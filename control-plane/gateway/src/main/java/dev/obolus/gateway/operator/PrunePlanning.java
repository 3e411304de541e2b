// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.retention.PrunePlan;
import java.util.Map;
import java.util.Set;

/** Finds out what a prune of a month would remove. Blocks. */
public interface PrunePlanning {

  /** The tenants with records of that month that could be pruned, each with how many. */
  Map<String, Long> tenants(int epoch) throws Exception;

  /** Names what would be gone; fails with {@link PrunePlan.NotYet} while it must not go. */
  PrunePlan plan(int epoch, Set<String> tenants) throws Exception;
}
