// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;

/**
 * The warm path under load, with the log verified afterwards: {@code LoadRun <checkout> [seconds]}.
 * Every cache is warm and the data plane answers at once, so what is left is ours: verification of
 * the token, a policy decision, two durable records.
 */
public final class LoadRun {
  private static final String BODY =
      """
      {"connector":"databricks-sales","operation":"query","purpose":"quarterly-report",\
      "arguments":{"table":"main.sales.orders","columns":["id","region"],"limit":3}}\
      """;

  private LoadRun() {}

  public static void main(String[] args) throws Exception {
    Path checkout = Path.of(args.length > 0 ? args[0] : ".").toAbsolutePath().normalize();
    Duration time = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 20);
    try (World world = new World(checkout)) {
      System.out.println("warming up");
      String _ = run(world, 32, Duration.ofSeconds(20));
      System.out.println(
          "callers   req/s   p50 ms   p99 ms   max ms   gateway CPU ms   database CPU ms   refused");
      for (int callers : new int[] {1, 8, 32, 64}) {
        System.out.println(run(world, callers, time));
      }
      verify(world);
    }
  }

  private static String run(World world, int callers, Duration time) throws Exception {
    var generator = new LoadGenerator(world.url(), world.tokens(), BODY, callers);
    double gateway = ProcessCpu.millis(world.gatewayPid());
    double database = ProcessCpu.millis(world.databasePid());
    LoadGenerator.Report report = generator.run(callers, time);
    return "%7d %7.0f %8.2f %8.2f %8.1f %16.3f %17.3f   %s"
        .formatted(
            callers,
            report.perSecond(),
            report.p50(),
            report.p99(),
            report.max(),
            (ProcessCpu.millis(world.gatewayPid()) - gateway) / report.requests(),
            (ProcessCpu.millis(world.databasePid()) - database) / report.requests(),
            report.failures());
  }

  private static void verify(World world) throws Exception {
    try (Connection connection = world.auditor()) {
      Verification verification =
          new AuditVerifier(Optional.of(VerifierKey.read(world.rootKey()))).verify(connection);
      System.out.printf(
          "log: %s, %d records in %d ms (%.0f records/s), %d permits without an outcome%n",
          verification.state(),
          verification.records(),
          verification.took().toMillis(),
          verification.records() / (verification.took().toNanos() / 1e9),
          verification.openPermits().size());
    }
  }
}
