// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Events of every kind with every field that can be searched for, some of them odd. */
final class OddEvents {
  static final String SECOND = "44444444-4444-4444-8444-444444444444";
  static final String FOREIGN = "99999999-9999-4999-8999-999999999999";

  /** Texts that mean something to LIKE, to arrays, to JSON, to the grammar, or to PostgreSQL. */
  private static final List<String> ODD =
      List.of(
          "plain",
          "Plain",
          "100%_sure",
          "100x_sure",
          "back\\slash",
          "quarter \"close\"",
          "a,b",
          "a*b",
          "{x}",
          "Ünïcödé",
          "ÜNÏCÖDÉ",
          "nul\0here",
          "$1",
          "",
          "-",
          "'; DROP TABLE x; --",
          "日本\uD83D\uDE00");

  private OddEvents() {}

  static void write(AuditDatabase writer, int events, Random random) {
    for (int i = 0; i < events; i++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          Receipt _ = append(writer, LogFixture.rejected());
        }
        case 1 -> {
          Receipt _ =
              append(
                  writer,
                  new AuditEvent.SignedIn(
                      LogFixture.TENANT, person(random), odd(random), List.of("Soc")));
        }
        case 2 -> {
          Receipt _ =
              append(
                  writer,
                  new AuditEvent.OperatorActed(
                      LogFixture.TENANT,
                      person(random),
                      "console",
                      "audit.verify",
                      odd(random),
                      "ok"));
        }
        case 3 -> {
          Receipt _ =
              append(writer, new AuditEvent.PolicyChanged("-", odd(random), "folder", "activated"));
        }
        default -> request(writer, random);
      }
    }
  }

  private static void request(AuditDatabase writer, Random random) {
    Decided permit = decided(random);
    Receipt receipt = append(writer, permit);
    AuditEvent.Conclusion end =
        AuditEvent.Conclusion.of(permit, receipt, 1, 2, Optional.empty(), List.of(), took(random));
    if (permit.effect().equals("allow")) {
      Receipt _ =
          append(
              writer,
              switch (random.nextInt(3)) {
                case 0 -> new AuditEvent.Failed(end, odd(random), random.nextBoolean(), "unknown");
                case 1 -> new AuditEvent.Cancelled(end, "stopped");
                default -> new AuditEvent.Served(end, false, List.of());
              });
    }
  }

  private static Decided decided(Random random) {
    String tenant = List.of(LogFixture.TENANT, SECOND, FOREIGN).get(random.nextInt(3));
    return new Decided(
        "d-" + random.nextInt(40),
        tenant,
        random.nextInt(5) == 0 ? Optional.empty() : Optional.of(person(random)),
        new AuditEvent.Actor(odd(random), maybe(random), "verified-agent", List.of()),
        one(random, "obo", "workload"),
        "test",
        odd(random),
        one(random, "query", "sql", "list"),
        one(random, "read", "write", "delete"),
        resources(random),
        maybe(random),
        maybe(random),
        Optional.empty(),
        maybe(random),
        "request",
        one(random, "allow", "deny", "step_up", "approval_needed"),
        List.of(
                new AuditEvent.Reason(odd(random), "org", Map.of()),
                new AuditEvent.Reason("SALES-00" + random.nextInt(4), "team", Map.of()))
            .subList(0, random.nextInt(3)),
        List.of(),
        odd(random),
        "wasm",
        took(random),
        Optional.of("SELECT 1"),
        Optional.empty(),
        Optional.empty());
  }

  private static List<AuditEvent.Resource> resources(Random random) {
    List<AuditEvent.Resource> resources = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      List<AuditEvent.Column> columns = new ArrayList<>();
      for (int c = random.nextInt(3); c > 0; c--) {
        columns.add(new AuditEvent.Column(odd(random), labels(random)));
      }
      resources.add(new AuditEvent.Resource(odd(random), labels(random), columns));
    }
    return resources;
  }

  private static List<String> labels(Random random) {
    List<String> labels = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      labels.add(random.nextBoolean() ? "pii" : odd(random));
    }
    return labels;
  }

  private static AuditEvent.Person person(Random random) {
    return new AuditEvent.Person(LogFixture.TENANT, "person-" + random.nextInt(4));
  }

  private static Duration took(Random random) {
    return Duration.ofNanos(random.nextInt(4_000) * 1_000L);
  }

  static String odd(Random random) {
    return ODD.get(random.nextInt(ODD.size()));
  }

  private static Optional<String> maybe(Random random) {
    return random.nextInt(3) == 0 ? Optional.empty() : Optional.of(odd(random));
  }

  static String one(Random random, String... words) {
    return words[random.nextInt(words.length)];
  }
}
