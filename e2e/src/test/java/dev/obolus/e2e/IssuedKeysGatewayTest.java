// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.e2e.RunningDemo.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the jars: the log's signer, and a gateway that is given no key but its enrolment. */
class IssuedKeysGatewayTest {
  private static final String ENROLMENT = "5e".repeat(32);
  private final RunningDemo demo = RunningDemo.shared();
  @TempDir Path folder;

  @Test
  void aGatewayThatHoldsNoRootKeyServesOnceItsKeyIsIssuedAndTheLogVerifies() throws Exception {
    Path enrolments = Files.createDirectory(folder.resolve("enrolments"));
    Path enrolment = secret(folder.resolve("mine.key"));
    String gateway = "http://127.0.0.1:" + freePort();
    String signer = "http://127.0.0.1:" + freePort();
    List<Process> started = new ArrayList<>();
    try {
      started.add(start("gateway", gatewaySettings(gateway, enrolment)));
      Path said = folder.resolve("gateway.log");
      RunningDemo.until(() -> Files.readString(said).contains("is the log's signer running?"));
      assertThat(status(gateway + "/actuator/health/readiness")).isEqualTo(503);

      started.add(start("signer", signerSettings(signer, enrolments)));
      RunningDemo.until(() -> Files.readString(said).contains("does not know enrolment"));
      Path _ = secret(enrolments.resolve("gateway-2.key"));
      RunningDemo.until(() -> status(gateway + "/actuator/health/readiness") == 200);
      assertThat(status(signer + "/health")).isEqualTo(200);

      Answer answer =
          demo.post(
              gateway + "/v1/requests",
              demo.token("alice"),
              RunningDemo.queryBody("main.sales.orders", "id", "region"));
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      String chain = answer.json().path("receipt").path("chain").asString();
      assertThat(Files.readString(folder.resolve("signer.log")))
          .contains("audit chain key issued", "gateway-2", chain);
      for (String log : List.of("gateway.log", "signer.log")) {
        assertThat(Files.readString(folder.resolve(log))).doesNotContain(ENROLMENT);
      }
    } finally {
      for (Process process : started) {
        process.destroy();
        assertThat(process.waitFor(RunningDemo.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(demo.verify().exit()).isZero();
  }

  private List<String> gatewaySettings(String url, Path enrolment) {
    return List.of(
        "--spring.config.additional-location=file:"
            + RunningDemo.ROOT.resolve("sandbox/settings/gateway.yaml"),
        "--spring.profiles.active=issued",
        "--server.address=127.0.0.1",
        "--server.port=" + URI.create(url).getPort(),
        "--demo.entra=" + demo.url("sandbox"),
        "--demo.databricks=" + demo.url("sandbox"),
        "--demo.database.port=" + databasePort(),
        "--demo.secrets=" + demo.data().resolve("keys"),
        "--demo.sandbox-secrets=" + demo.data().resolve("sandbox"),
        "--demo.facts=" + RunningDemo.ROOT.resolve("sandbox/facts"),
        "--obolus.audit.enrolment-key-file=" + enrolment,
        "--obolus.audit.public-keys-file=" + demo.data().resolve("keys/checkpoint.pub"));
  }

  private List<String> signerSettings(String url, Path enrolments) {
    Path keys = demo.data().resolve("keys");
    return List.of(
        "signer",
        "--obolus.environment=demo",
        "--obolus.audit.port=" + databasePort(),
        "--obolus.audit.password-file=" + keys.resolve("obolus_gateway.password"),
        "--obolus.audit.root-key-file=" + keys.resolve("root.key"),
        "--obolus.audit.checkpoint-key-file=" + keys.resolve("checkpoint.key"),
        "--obolus.signer.enrolments=" + enrolments,
        "--obolus.signer.port=" + URI.create(url).getPort());
  }

  private int databasePort() {
    return URI.create(demo.url("database")).getPort();
  }

  @CanIgnoreReturnValue
  private Process start(String name, List<String> settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                RunningDemo.java(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                RunningDemo.jar("distribution/target", "obolus-distribution-", "-app.jar")
                    .toString()));
    command.addAll(settings);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".log").toFile())
        .start();
  }

  private int status(String url) {
    try {
      return demo.get(url).status();
    } catch (UncheckedIOException notYet) {
      return 0;
    }
  }

  private static Path secret(Path file) throws IOException {
    Path made =
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(made, ENROLMENT);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return free.getLocalPort();
    }
  }
}
