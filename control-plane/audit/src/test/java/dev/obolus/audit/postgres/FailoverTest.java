// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** A primary dies under load, and its synchronous standby takes its place at the same address. */
class FailoverTest {
  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedIsOnTheStandbyThatIsPromoted() throws Exception {
    PostgresServer primary = TestPostgres.own();
    LogFixture fixture = LogFixture.on(primary, folder);
    PostgresServer standby = standbyOf(primary);
    List<Receipt> told = new ArrayList<>();
    try (Relay address = new Relay(primary.port());
        AuditDatabase opened = open(fixture, address.port())) {
      until(opened.log()::ready);
      Thread death = Thread.ofPlatform().start(() -> dieAfter(told, primary));
      while (death.isAlive()) {
        tell(opened, told);
      }
      int before = told.size();
      sql(standby, "SELECT pg_promote()");
      address.leadTo(standby.port());
      until(opened.log()::ready);
      told.add(append(opened, decided("allow")));
      assertThat(before).isGreaterThan(50);
      verify(fixture, standby, told);
    } finally {
      primary.stop();
      standby.stop();
    }
  }

  @Test
  void nobodyIsToldOfACommitWhoseWaitForTheStandbyWasCancelled() throws Exception {
    PostgresServer primary = TestPostgres.own();
    LogFixture fixture = LogFixture.on(primary, folder);
    PostgresServer standby = standbyOf(primary);
    try (AuditDatabase opened = open(fixture, primary.port())) {
      until(opened.log()::ready);
      Receipt durable = append(opened, decided("allow"));
      standby.stop();
      CompletableFuture<@Nullable Receipt> told = opened.log().append(decided("allow")).toFuture();
      until(() -> cancelled(primary));
      assertThat(told)
          .failsWithin(Duration.ofMinutes(1))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(LogUnavailable.class)
          .withMessageContaining("UNKNOWN_COMMIT");
      assertThat(newest(fixture)).as("it stands here alone").isGreaterThan(durable.seq());
    } finally {
      primary.stop();
      standby.stop();
    }
  }

  @Test
  void noCheckpointWhoseWaitForTheStandbyWasCancelledLeavesTheLog() throws Exception {
    PostgresServer primary = TestPostgres.own();
    LogFixture fixture = LogFixture.on(primary, folder);
    PostgresServer standby = standbyOf(primary);
    Shown shown = new Shown();
    try (Integrator integrator = sign(fixture, shown)) {
      until(() -> shown.newest > 3);
      standby.stop();
      until(() -> cancelled(primary));
      until(() -> reason(integrator).contains("on this server alone"));
      long before = shown.newest;
      long here = signed(fixture);
      assertThat(here).as("it stands here alone").isGreaterThan(before);
      until(() -> waits(primary));
      assertThat(shown.newest).as("until a standby has it").isEqualTo(before);
      sql(primary, "ALTER SYSTEM RESET synchronous_standby_names");
      sql(primary, "SELECT pg_reload_conf()");
      until(() -> shown.newest > here);
      assertThat(integrator.alarms()).isEqualTo(1);
    } finally {
      primary.stop();
      standby.stop();
    }
  }

  /** What others are shown of a log. */
  private static final class Shown implements Publishing {
    private volatile long newest;

    @Override
    public void publish(Checkpoint checkpoint, SignedNote note) {
      newest = checkpoint.size();
    }

    @Override
    public void confirm(SignedNote stored) {
      newest = Checkpoint.parse(stored.text()).size();
    }

    @Override
    public List<Checkpoint> kept(List<NoteKey> keys) {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private Integrator sign(LogFixture fixture, Publishing publishing) throws Exception {
    SigningKey key =
        SigningKey.create(folder.resolve("checkpoint.key"), "obolus/test", new SecureRandom());
    return Integrator.start(
        () -> {
          Connection connection = fixture.database().as(TestPostgres.GATEWAY);
          connection.setClientInfo("ApplicationName", "obolus-audit-integrator");
          return connection;
        },
        new IntegratorSettings(
            key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMillis(20)),
        publishing,
        Clock.systemUTC());
  }

  private static String reason(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Stopped stopped ? stopped.reason() : "";
  }

  private static long signed(LogFixture fixture) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      return Long.parseLong(text(statement, "SELECT max(size) FROM obolus.audit_checkpoint"));
    }
  }

  private static boolean waits(PostgresServer primary) {
    try (Connection connection = primary.connect("postgres");
        Statement statement = connection.createStatement()) {
      return text(
              statement,
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                  + " AND application_name = 'obolus-audit-integrator'")
          .equals("t");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@code pg_cancel_backend} does to the session that waits. */
  private static boolean cancelled(PostgresServer primary) {
    try (Connection connection = primary.connect("postgres");
        Statement statement = connection.createStatement()) {
      return text(
              statement,
              "SELECT coalesce(bool_or(pg_cancel_backend(pid)), false) FROM pg_stat_activity"
                  + " WHERE wait_event = 'SyncRep' AND application_name LIKE 'obolus-audit-%'")
          .equals("t");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long newest(LogFixture fixture) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      return Long.parseLong(text(statement, "SELECT max(seq) FROM obolus.audit_record"));
    }
  }

  private static void verify(LogFixture fixture, PostgresServer standby, List<Receipt> told)
      throws Exception {
    try (Connection connection =
            standby.connect(fixture.database().name(), TestPostgres.GATEWAY, TestPostgres.GATEWAY);
        Statement statement = connection.createStatement()) {
      for (Receipt receipt : told) {
        assertThat(
                text(
                    statement,
                    "SELECT encode(leaf, 'hex') FROM obolus.audit_record WHERE seq = "
                        + receipt.seq()
                        + " AND chain = '\\x"
                        + receipt.chain()
                        + "'"))
            .isEqualTo(receipt.leaf());
      }
      Verification found =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .verify(connection);
      assertThat(found.firstBad()).isEmpty();
      assertThat(found.records()).isGreaterThanOrEqualTo(told.size());
    }
  }

  /** A copy of the stopped primary that follows it, each commit of which it waits for. */
  private static PostgresServer standbyOf(PostgresServer primary) throws Exception {
    primary.stop();
    Path copy = primary.dataDir().resolveSibling("standby");
    assertThat(
            new ProcessBuilder("cp", "-a", primary.dataDir().toString(), copy.toString())
                .start()
                .waitFor())
        .isZero();
    Path password = primary.dataDir().resolveSibling("postgres.password");
    assertThat(Files.createFile(copy.resolve("standby.signal"))).exists();
    assertThat(
            Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres password=%s'%n"
                    .formatted(primary.port(), Files.readString(password).strip()),
                StandardOpenOption.APPEND))
        .exists();
    PostgresServer again = PostgresServer.start(primary.dataDir(), primary.port(), password);
    PostgresServer standby = PostgresServer.start(copy, 0, password);
    sql(again, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    sql(again, "SELECT pg_reload_conf()");
    until(() -> waitedFor(again));
    return standby;
  }

  private static boolean waitedFor(PostgresServer primary) {
    try (Connection connection = primary.connect("postgres");
        Statement statement = connection.createStatement()) {
      return text(statement, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
          .equals("1");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static AuditDatabase open(LogFixture fixture, int port) {
    DatabaseSettings settings = fixture.settings(TestPostgres.GATEWAY);
    return AuditDatabase.open(
        new DatabaseSettings(
            settings.host(),
            port,
            settings.database(),
            settings.username(),
            settings.passwordFile(),
            settings.tls()),
        fixture.logSettings(),
        fixture.root(),
        fixture.encryption(),
        new SecureRandom(),
        Clock.systemUTC());
  }

  private static void dieAfter(List<Receipt> told, PostgresServer primary) {
    until(() -> size(told) > 50);
    try {
      primary.kill();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int size(List<Receipt> told) {
    synchronized (told) {
      return told.size();
    }
  }

  private static void tell(AuditDatabase opened, List<Receipt> told) {
    List<Receipt> receipts =
        reactor.core.publisher.Flux.range(0, 20)
            .flatMap(i ->
                opened
                    .log()
                    .append(decided("allow"))
                    .onErrorResume(LogUnavailable.class, refused -> Mono.empty()))
            .collectList()
            .blockOptional()
            .orElseThrow();
    synchronized (told) {
      told.addAll(receipts);
    }
  }

  private static void sql(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).as(query).isTrue();
      return row.getString(1);
    }
  }

  /** The address that stays while servers change. */
  private static final class Relay implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new ArrayList<>();
    private volatile int target;

    Relay(int target) throws IOException {
      this.target = target;
      Thread _ = Thread.ofPlatform().daemon().start(this::serve);
    }

    int port() {
      return door.getLocalPort();
    }

    void leadTo(int other) {
      target = other;
    }

    private void serve() {
      try {
        while (true) {
          Socket caller = door.accept();
          try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(caller);
            open.add(server);
            Thread _ = Thread.ofPlatform().daemon().start(() -> pump(caller, server));
            Thread _ = Thread.ofPlatform().daemon().start(() -> pump(server, caller));
          } catch (IOException nobodyThere) {
            caller.close();
          }
        }
      } catch (IOException closed) {
        return; // the test is over
      }
    }

    private static void pump(Socket from, Socket to) {
      try (from;
          to;
          InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        byte[] bytes = new byte[8192];
        for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
          out.write(bytes, 0, read);
          out.flush();
        }
      } catch (IOException gone) {
        return; // one end is gone, and so is the other now
      }
    }

    @Override
    public void close() throws IOException {
      door.close();
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
