// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log's writer would not write to, no checkpoint is signed on. */
class UnsafeDatabaseTest {
  @TempDir Path folder;

  @Test
  void nothingIsSignedWhileTheServerForgoesItsDisk() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    try (Integrator integrator = start(fixture, UnaryOperator.identity())) {
      until(() -> sizeOf(integrator) >= 3);
      reload(fixture, "SET fsync = off");
      until(() -> reason(integrator).contains("fsync is off"));
      long signed = newest(fixture);
      assertThat(integrator.alarms()).isEqualTo(1);
      reload(fixture, "RESET fsync");
      until(() -> sizeOf(integrator) > signed);
      assertThat(integrator.alarms()).isEqualTo(1);
    } finally {
      server.stop();
    }
  }

  @Test
  void nothingIsSignedWhereTheRoleMayChangeWhatIsSigned() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    superuser(fixture, "GRANT DELETE ON obolus.audit_checkpoint TO obolus_gateway");
    try (Integrator integrator = start(fixture, UnaryOperator.identity())) {
      until(() -> reason(integrator).contains("audit_checkpoint"));
      assertThat(newest(fixture)).isZero();
    }
  }

  @Test
  void nothingIsSignedWhereAStandbyIsRequiredAndNoneIsNamed() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (Integrator integrator = start(fixture, UnsafeDatabaseTest::requiringStandby)) {
      until(() -> reason(integrator).contains("no synchronous standby is named"));
      assertThat(newest(fixture)).isZero();
    }
  }

  private static IntegratorSettings requiringStandby(IntegratorSettings usual) {
    return new IntegratorSettings(
        usual.key(),
        usual.earlier(),
        usual.roots(),
        usual.revoked(),
        usual.every(),
        usual.beat(),
        true);
  }

  private Integrator start(LogFixture fixture, UnaryOperator<IntegratorSettings> how)
      throws Exception {
    SigningKey key =
        SigningKey.create(folder.resolve("checkpoint.key"), "obolus/test", new SecureRandom());
    return Integrator.start(
        () -> fixture.database().as(TestPostgres.GATEWAY),
        how.apply(
            new IntegratorSettings(
                key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMillis(20))),
        Publishing.nowhere(),
        Clock.systemUTC());
  }

  private static long sizeOf(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Signing signing ? signing.size() : 0;
  }

  private static String reason(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Stopped stopped ? stopped.reason() : "";
  }

  private static long newest(LogFixture fixture) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser()) {
      return new TreeStore(connection).newest().map(TreeStore.Signed::size).orElse(0L);
    }
  }

  private static void reload(LogFixture fixture, String setting) throws SQLException {
    superuser(fixture, "ALTER SYSTEM " + setting);
    superuser(fixture, "SELECT pg_reload_conf()");
  }

  private static void superuser(LogFixture fixture, String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }
}
