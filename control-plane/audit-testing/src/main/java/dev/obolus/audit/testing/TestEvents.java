// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Actor;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Believable events. */
public final class TestEvents {
  public static final String TENANT = "11111111-1111-4111-8111-111111111111";

  private TestEvents() {}

  public static AuditEvent.Cancelled cancelled(Decided decided, Receipt permit) {
    return new AuditEvent.Cancelled(conclusion(decided, permit), "stopped");
  }

  public static Decided decided(String effect) {
    return decided(effect, TENANT);
  }

  public static Decided decided(String effect, String tenant) {
    return new Decided(
        UUID.randomUUID().toString(),
        tenant,
        Optional.of(new Person(tenant, "22222222-2222-4222-8222-222222222222")),
        new Actor(
            "33333333-3333-4333-8333-333333333333",
            Optional.of("copilot"),
            "verified-agent",
            List.of("via-1")),
        "obo",
        "test",
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
        UUID.randomUUID().toString(),
        effect,
        List.of(new AuditEvent.Reason("SALES-001", "team", Map.of("region", "EMEA"))),
        List.of("row_filter"),
        "rev-1",
        "wasm",
        Duration.ofNanos(123_456),
        Optional.of("SELECT * FROM main.sales.orders"),
        Optional.of("[{\"kind\":\"row_filter\"}]"),
        Optional.of("[{\"input\":1}]"));
  }

  public static AuditEvent.Served served(Decided decided, Receipt permit) {
    return new AuditEvent.Served(conclusion(decided, permit), false, List.of("row_filter"));
  }

  public static AuditEvent.Conclusion conclusion(Decided decided, Receipt permit) {
    return AuditEvent.Conclusion.of(
        decided,
        permit,
        12,
        3456,
        Optional.of("correlation-1"),
        List.of("statement-1"),
        Duration.ofMillis(15));
  }

  public static AuditEvent.Rejected rejected() {
    Instant now = Instant.now();
    return new AuditEvent.Rejected(now.minusSeconds(60), now, Map.of("token_expired", 7L));
  }
}
