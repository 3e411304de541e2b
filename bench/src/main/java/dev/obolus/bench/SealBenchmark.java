// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What sealing one decision costs: canonical bytes, four salted commitments, leaf and MAC, with a
 * policy input of 1.5 KB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SealBenchmark {
  private static final int MAX_BYTES = 1 << 20;

  private Chain chain;
  private Sealable decision;

  @Setup
  public void open() throws IOException {
    Path folder = Files.createTempDirectory("obolus-bench-");
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    chain = new Chain("bench", 1, root, new SecureRandom(), Clock.systemUTC());
    decision = new Sealable.Event(decided());
    Files.delete(folder.resolve("root.key"));
    Files.delete(folder);
  }

  @Benchmark
  public SealedRecord sealOneDecision() {
    return chain.seal(decision, MAX_BYTES);
  }

  private static AuditEvent.Decided decided() {
    String tenant = "0b010500-0000-4000-8000-000000000001";
    return new AuditEvent.Decided(
        "01994d5e-0000-7000-8000-000000000001",
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
