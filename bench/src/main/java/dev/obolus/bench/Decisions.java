// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.mediation.DecisionIds;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is measured with: records as the demo's gateway writes them. On disk there a permit has 3.9
 * KB, a refusal 3.0 KB, an outcome 1.2 KB.
 */
public final class Decisions {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  private static final String INPUT = "[" + "{\"v\":1}".repeat(125) + "]";
  private static final String STATEMENT =
      "SELECT id, product, region, amount FROM main.sales.orders WHERE amount > :p0 LIMIT 3";
  private static final String OBLIGATIONS =
      "[{\"type\":\"row_filter\",\"resource\":\"main.sales.orders\",\"predicate\":{\"type\":\"field\","
          + "\"operator\":\"eq\",\"field\":\"region\",\"value\":\"EMEA\"}}]";

  /** In the order of time, as a gateway gives them: so an index of them grows at its end. */
  private static final DecisionIds IDS = DecisionIds.of(Clock.systemUTC());

  private Decisions() {}

  /** A request that is let through, with an id of its own. */
  public static AuditEvent.Decided permit() {
    return decided(
        "allow",
        List.of(
            new AuditEvent.Reason("ORG-020", "org", Map.of("obligation", "max_rows")),
            new AuditEvent.Reason("SALES-001", "sales", Map.of()),
            new AuditEvent.Reason("SALES-010", "sales", Map.of("obligation", "row_filter"))),
        List.of("row_filter", "max_rows"),
        Optional.of(OBLIGATIONS));
  }

  /** A request that is refused, with an id of its own: no outcome follows. */
  public static AuditEvent.Decided refusal() {
    return decided(
        "deny",
        List.of(new AuditEvent.Reason("ORG-001", "org", Map.of())),
        List.of(),
        Optional.empty());
  }

  /** What became of a request that was let through. */
  public static AuditEvent.Served served(AuditEvent.Decided permit, Receipt receipt) {
    return new AuditEvent.Served(
        AuditEvent.Conclusion.of(
            permit,
            receipt,
            5,
            336,
            Optional.of("53ea2d56-0100-4d99-a4ef-825fecbd7d95"),
            List.of("9ab7fd2d-4c0f-49e6-8a7e-7b26fa466410"),
            Duration.ofMillis(9)),
        false,
        List.of("row_filter"));
  }

  private static AuditEvent.Decided decided(
      String effect,
      List<AuditEvent.Reason> reasons,
      List<String> obligationKinds,
      Optional<String> obligations) {
    return new AuditEvent.Decided(
        IDS.get(),
        TENANT,
        Optional.of(new AuditEvent.Person(TENANT, "0b010500-0000-4000-8000-0000000000c1")),
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
                List.of(
                    new AuditEvent.Column("amount", List.of()),
                    new AuditEvent.Column("id", List.of()),
                    new AuditEvent.Column("product", List.of()),
                    new AuditEvent.Column("region", List.of())))),
        Optional.of("quarterly-report"),
        Optional.empty(),
        Optional.of("0af7651916cd43dd8448eb211c80319c"),
        Optional.of("612666b4259342d18dc54a"),
        "01994d5e-0000-7000-8000-000000000002",
        effect,
        reasons,
        obligationKinds,
        "a".repeat(64),
        "wasm",
        Duration.ofNanos(90_000),
        Optional.of(STATEMENT),
        obligations,
        Optional.of(INPUT));
  }
}
