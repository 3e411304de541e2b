// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.AuditEvent;
import dev.obolus.gateway.mediation.DecisionIds;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is measured with: a permit as the demo writes it, its policy input 1.4 KB. */
public final class Decisions {
  /** In the order of time, as a gateway gives them: so an index of them grows at its end. */
  private static final DecisionIds IDS = DecisionIds.of(Clock.systemUTC());

  private Decisions() {}

  /** One permit, with an id of its own. */
  public static AuditEvent.Decided decided() {
    String tenant = "0b010500-0000-4000-8000-000000000001";
    return new AuditEvent.Decided(
        IDS.get(),
        tenant,
        Optional.of(new AuditEvent.Person(tenant, "0b010500-0000-4000-8000-0000000000c1")),
        new AuditEvent.Actor(
            "0b010500-0000-4000-8000-0000000000b1",
            Optional.of("finance-copilot"),
            "client-app",
            List.of()),
        "obo",
        "bench",
        "databricks-sales",
        "query",
        "read",
        List.of(
            new AuditEvent.Resource(
                "main.sales.orders",
                List.of("internal"),
                List.of(new AuditEvent.Column("email", List.of("pii"))))),
        Optional.of("quarterly-report"),
        Optional.of("conversation-1"),
        Optional.of("0af7651916cd43dd8448eb211c80319c"),
        Optional.of("uti-1"),
        "01994d5e-0000-7000-8000-000000000002",
        "allow",
        List.of(
            new AuditEvent.Reason("SALES-001", "sales", Map.of("resource", "main.sales.orders"))),
        List.of("row_filter", "column_mask", "max_rows"),
        "a".repeat(64),
        "wasm",
        Duration.ofNanos(90_000),
        Optional.of("SELECT id, region, email FROM main.sales.orders LIMIT 3"),
        Optional.of("[{\"type\":\"row_filter\"}]"),
        Optional.of("[" + "{\"v\":1}".repeat(200) + "]"));
  }
}
