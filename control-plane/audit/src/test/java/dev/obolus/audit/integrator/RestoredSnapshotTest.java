// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.witness.Witness;
import dev.obolus.audit.witness.WitnessClient;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The server's data directory is put back as it was a while ago, under a gateway and a signer that
 * go on running: both tell, and so does a witness to a signer that remembers nothing.
 */
class RestoredSnapshotTest {
  private static final int LATER = 30;

  @TempDir Path folder;
  private PostgresServer server;
  private LogFixture fixture;
  private SigningKey key;
  private SigningKey witnessKey;
  private Witness witness;
  private HttpServer witnessing;

  @BeforeEach
  void aLogAndAWitness() throws Exception {
    server = TestPostgres.own();
    fixture = LogFixture.on(server, folder);
    key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    witnessKey =
        SigningKey.create(folder.resolve("w.key"), "witness.example/w1", new SecureRandom());
    witness =
        Witness.open(witnessKey, key.logKeys(), folder.resolve("state"), InstantSource.system());
    witnessing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    witnessing.createContext(
        "/add-checkpoint",
        exchange -> {
          try (exchange) {
            Witness.Answer answer =
                witness.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            byte[] body = answer.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
          }
        });
    witnessing.start();
  }

  @AfterEach
  void stop() throws IOException {
    witnessing.stop(0);
    witness.close();
    server.stop();
  }

  @Test
  void whatWasRestoredIsToldByTheLiveGatewayTheSignerAndTheWitness() throws Exception {
    Path data = server.dataDir();
    Path snapshot = data.resolveSibling("snapshot");
    try (AuditDatabase log = fixture.openReady()) {
      Receipt kept = append(log, decided("allow"));
      Receipt lost;
      try (Integrator live = start()) {
        untilCosigned();
        server.stop();
        copy(data, snapshot);
        startServer();
        lost = appendEventually(log);
        for (int i = 0; i < LATER; i++) {
          lost = append(log, decided("allow"));
        }
        untilCosigned();
        assertThat(lost.chain()).isEqualTo(kept.chain());

        server.stop();
        run("rm", "-r", data.toString());
        copy(snapshot, data);
        startServer();
        assertThat(number("SELECT count(*) FROM obolus.audit_record WHERE seq = " + lost.seq()))
            .isZero();
        assertThat(number("SELECT count(*) FROM obolus.audit_record WHERE seq = " + kept.seq()))
            .isOne();

        until(() -> live.state() instanceof IntegratorState.Stopped);
        assertThat(reason(live)).startsWith("the database was set back: a tree of");
      }
      assertThat(appendEventually(log).chain()).isNotEqualTo(lost.chain());
      until(() -> number("SELECT count(*) FROM obolus.audit_record WHERE event = 'recovery'") == 1);
      assertThat(recovery()).contains(lost.chain() + " " + lost.seq() + " ");

      try (Integrator forgetful = start()) {
        until(() -> forgetful.state() instanceof IntegratorState.Stopped);
        assertThat(reason(forgetful))
            .startsWith("the database was set back: witness witness.example/w1 cosigned a tree of");
      }
    }
    Verification.Bad bad = verify().firstBad().orElseThrow();
    assertThat(bad.fault()).isEqualTo(Fault.TRUNCATED);
  }

  private void startServer() throws IOException {
    server =
        PostgresServer.start(
            server.dataDir(), server.port(), server.dataDir().resolveSibling("postgres.password"));
  }

  private static void copy(Path from, Path to) throws Exception {
    run("cp", "-a", from.toString(), to.toString());
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** Every record is in the tree, and the witness has cosigned the newest checkpoint. */
  private void untilCosigned() {
    until(() -> fixture.uncovered() == 0 && newest("audit_checkpoint") > 0);
    until(() -> newest("audit_cosignature") == newest("audit_checkpoint"));
  }

  private long newest(String table) {
    return number("SELECT coalesce(max(size), 0) FROM obolus." + table);
  }

  private long number(String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String recovery() throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT canonical FROM obolus.audit_record WHERE event = 'recovery'")) {
      assertThat(row.next()).isTrue();
      return CanonicalReader.read(row.getBytes(1)).toString();
    }
  }

  private static String reason(Integrator integrator) {
    return ((IntegratorState.Stopped) integrator.state()).reason();
  }

  private static Receipt appendEventually(AuditDatabase log) {
    return Mono.defer(() -> log.log().append(decided("allow")))
        .retryWhen(Retry.fixedDelay(500, Duration.ofMillis(50)))
        .blockOptional()
        .orElseThrow();
  }

  /** With a witness and no copies: what it remembers of itself, it remembers in this process. */
  private Integrator start() {
    URI url = URI.create("http://127.0.0.1:" + witnessing.getAddress().getPort());
    Publisher.Targets targets =
        new Publisher.Targets(
            List.of(),
            List.of(new WitnessClient(url, witnessKey.witnessKeys(), HttpClient.newHttpClient())),
            List.of(),
            Duration.ofMillis(50),
            Duration.ofHours(1));
    Integrator.Connecting database = () -> fixture.database().as(TestPostgres.GATEWAY);
    return Integrator.start(
        database,
        new IntegratorSettings(
            key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMinutes(1)),
        Publisher.start(database, targets, Clock.systemUTC()),
        Clock.systemUTC());
  }

  private Verification verify() throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
          .verify(connection);
    }
  }
}
