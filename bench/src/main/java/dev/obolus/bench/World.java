// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that a load run needs: a PostgreSQL for the log alone, the stand-in Entra, a data plane that
 * answers at once, and a gateway as a process of its own.
 */
final class World implements AutoCloseable {

  private final PostgresServer log = TestPostgres.own();
  private final TestPostgres.Database database = TestPostgres.fresh(log);
  private final Sandbox sandbox;
  private final InstantDataPlane dataPlane = InstantDataPlane.start();
  private final Path folder;
  private final Process gateway;
  private final int port;

  World(Path checkout) throws IOException, SQLException, InterruptedException {
    folder = Files.createTempDirectory("obolus-bench-");
    sandbox = SandboxDatabase.start(TestPostgres.own(), folder.resolve("sandbox"));
    String version =
        DatabaseMigration.migrate(
            log.jdbcUrl(database.name()), TestPostgres.OWNER, TestPostgres.OWNER);
    System.out.println("schema " + version);
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    System.out.println("root key " + root.id());
    FileKeyEncryption values =
        FileKeyEncryption.create(folder.resolve("value.key"), new SecureRandom());
    System.out.println("value key " + values.version());
    SigningKey signing =
        SigningKey.create(folder.resolve("checkpoint.key"), "obolus/demo", new SecureRandom());
    System.out.println("signing key " + signing.name());
    secret("obolus_gateway.password", TestPostgres.GATEWAY);
    port = freePort();
    gateway = start(checkout);
    awaitReady();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  long gatewayPid() {
    return gateway.pid();
  }

  long databasePid() throws IOException {
    return log.pid();
  }

  Path rootKey() {
    return folder.resolve("root.key");
  }

  List<String> tokens() {
    return Stream.of("alice", "paul", "petra")
        .map(user -> sandbox.userToken(user, "finance-copilot"))
        .toList();
  }

  Connection auditor() throws SQLException {
    return log.connect(database.name(), TestPostgres.GATEWAY, TestPostgres.GATEWAY);
  }

  private Process start(Path checkout) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-jar",
            jar(checkout.resolve("distribution/target")).toString(),
            "--spring.config.additional-location=file:"
                + checkout.resolve("sandbox/settings/gateway.yaml"),
            "--server.address=127.0.0.1",
            "--server.port=" + port,
            "--demo.entra=" + sandbox.url(),
            "--demo.databricks=" + dataPlane.url(),
            "--demo.database.port=" + log.port(),
            "--obolus.audit.database=" + database.name(),
            "--demo.secrets=" + folder,
            "--demo.sandbox-secrets=" + folder.resolve("sandbox"),
            "--demo.facts=" + checkout.resolve("sandbox/facts"),
            "--obolus.limits.rate=1000000",
            "--obolus.limits.burst=1000000");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("gateway.log").toFile())
        .start();
  }

  private void awaitReady() throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest ask =
        HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness")).build();
    for (int i = 0; i < 600; i++) {
      if (!gateway.isAlive()) {
        throw new IOException(
            "the gateway ended: " + Files.readString(folder.resolve("gateway.log")));
      }
      if (isReady(http, ask)) {
        return;
      }
      Thread.sleep(200);
    }
    throw new IOException("the gateway is not ready; see " + folder.resolve("gateway.log"));
  }

  private static boolean isReady(HttpClient http, HttpRequest ask) throws InterruptedException {
    try {
      return http.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false; // not listening yet
    }
  }

  private void secret(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }

  private static Path jar(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.toString().endsWith("-app.jar"))
          .findFirst()
          .orElseThrow(() -> new IOException("build the distribution first: " + target));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    gateway.destroy();
    gateway.onExit().join();
    dataPlane.close();
    sandbox.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
