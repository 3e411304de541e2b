// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import dev.obolus.sandbox.demo.ConsoleVisit;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The deployed shape from the jars: two gateways, each with its chain, and one console. */
class TwoGatewaysTest {
  private final RunningDemo demo = RunningDemo.shared();

  @Test
  void recordsOfEitherGatewayComeDownTheConsolesStreamAndOntoItsPage() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    String second = "http://127.0.0.1:" + port;
    Process gateway = startAnother(port);
    try {
      RunningDemo.until(() -> answersReady(second));
      ConsoleVisit ada = ConsoleVisit.signIn(demo.url("console"), "ada");
      try (BufferedReader stream = new BufferedReader(new InputStreamReader(ada.stream(), UTF_8))) {
        assertThat(stream.readLine()).as("the stream is open").isNotNull();
        String body = RunningDemo.queryBody("main.sales.orders", "id", "region");
        List<String> chains = new ArrayList<>();
        for (String each : List.of(demo.url("gateway"), second, demo.url("gateway"), second)) {
          Answer answer = demo.post(each + "/v1/requests", demo.token("alice"), body);
          long answered = System.nanoTime();
          assertThat(answer.status()).as(answer.body()).isEqualTo(200);
          JsonNode receipt = answer.json().path("receipt");
          String chain = receipt.path("chain").asString();
          String place = chain + "/" + receipt.path("seq").asLong();
          awaitLine(stream, place);
          System.out.printf(
              "seen %d ms after the answer: %s%n",
              (System.nanoTime() - answered) / 1_000_000, place);
          assertThat(ada.page("/audit")).contains(place);
          chains.add(chain);
        }
        assertThat(chains.get(0)).isEqualTo(chains.get(2)).isNotEqualTo(chains.get(1));
        assertThat(chains.get(1)).isEqualTo(chains.get(3));
      }
    } finally {
      gateway.destroy();
      assertThat(gateway.waitFor(RunningDemo.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
    assertThat(demo.verify().exit()).isZero();
  }

  private boolean answersReady(String gateway) {
    try {
      return demo.get(gateway + "/actuator/health/readiness").status() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  private static void awaitLine(BufferedReader stream, String part) throws Exception {
    String line = stream.readLine();
    while (line != null && !line.contains(part)) {
      line = stream.readLine();
    }
    assertThat(line).isNotNull();
  }

  /** As the supervisor starts the first: the same settings, another port. */
  private Process startAnother(int port) throws Exception {
    Path keys = demo.data().resolve("keys");
    return new ProcessBuilder(
            RunningDemo.java(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-jar",
            RunningDemo.jar("distribution/target", "obolus-distribution-", "-app.jar").toString(),
            "--spring.config.additional-location=file:"
                + RunningDemo.ROOT.resolve("sandbox/settings/gateway.yaml"),
            "--server.address=127.0.0.1",
            "--server.port=" + port,
            "--demo.entra=" + demo.url("sandbox"),
            "--demo.databricks=" + demo.url("sandbox"),
            "--demo.database.port=" + URI.create(demo.url("database")).getPort(),
            "--demo.secrets=" + keys,
            "--demo.sandbox-secrets=" + demo.data().resolve("sandbox"),
            "--demo.facts=" + RunningDemo.ROOT.resolve("sandbox/facts"))
        .redirectErrorStream(true)
        .redirectOutput(demo.data().resolve("logs/gateway-2.log").toFile())
        .start();
  }
}
