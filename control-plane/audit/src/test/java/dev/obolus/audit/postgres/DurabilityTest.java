// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An acknowledged record is on disk, or nothing is acknowledged. */
class DurabilityTest {
  @TempDir Path folder;

  @Test
  void writerTurnsSynchronousCommitOnItself() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    sql(
        fixture,
        "ALTER ROLE obolus_gateway IN DATABASE "
            + fixture.database().name()
            + " SET synchronous_commit = off");
    try (Connection session = fixture.database().as(TestPostgres.GATEWAY);
        Statement statement = session.createStatement()) {
      assertThat(text(statement, "SHOW synchronous_commit")).isEqualTo("off");
    }
    try (AuditDatabase opened = fixture.openReady()) {
      assertThat(append(opened, decided("allow")).seq()).isEqualTo(2);
    }
  }

  @Test
  void safetyIsLookedAtEveryFiveSecondsAndGrantsCountToo() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    assertThat(fixture.logSettings().recheck()).isLessThanOrEqualTo(Duration.ofSeconds(5));
    try (AuditDatabase opened = fixture.open(KillTest.impatient(fixture))) {
      until(opened.log()::ready);
      sql(fixture, "GRANT DELETE ON obolus.audit_record TO obolus_gateway");
      until(() -> opened.log().state().toString().contains("change or delete"));
      assertThatThrownBy(() -> append(opened, decided("allow"))).isInstanceOf(LogUnavailable.class);
      sql(fixture, "REVOKE DELETE ON obolus.audit_record FROM obolus_gateway");
      until(opened.log()::ready);
    }
  }

  @Test
  void logThatRequiresAStandbyIsUnreadyUntilOneIsNamed() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    try (AuditDatabase opened = fixture.open(fixture.impatient().requiringStandby(true))) {
      until(() -> opened.log().state().toString().contains("no synchronous standby is named"));
      assertThatThrownBy(() -> append(opened, decided("allow"))).isInstanceOf(LogUnavailable.class);
      sql(fixture, "ALTER SYSTEM SET synchronous_standby_names = '*'");
      sql(fixture, "SELECT pg_reload_conf()");
      until(() -> !opened.log().state().toString().contains("no synchronous standby is named"));
      // nobody stands by: without this the commit would be waited for until the log is closed
      sql(fixture, "ALTER SYSTEM RESET synchronous_standby_names");
      sql(fixture, "SELECT pg_reload_conf()");
    } finally {
      server.stop();
    }
  }

  @Test
  void safetyIsLookedAtHoweverMuchThereIsToWrite() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.open(KillTest.impatient(fixture))) {
      until(opened.log()::ready);
      Disposable load =
          Flux.generate(sink -> sink.next(decided("deny")))
              .flatMap(event -> opened.log().append((AuditEvent) event), 512)
              .subscribe(receipt -> {}, failure -> {});
      assertThat(append(opened, decided("allow")).seq()).isPositive();
      sql(fixture, "GRANT DELETE ON obolus.audit_record TO obolus_gateway");
      until(load::isDisposed);
      until(() -> opened.log().state().toString().contains("change or delete"));
    }
  }

  @Test
  void serverInRecoveryIsRefusedUntilItIsNone() throws Exception {
    PostgresServer server = TestPostgres.own();
    LogFixture fixture = LogFixture.on(server, folder);
    server.stop();
    Path signal = server.dataDir().resolve("standby.signal");
    assertThat(Files.createFile(signal)).exists();
    start(server);
    try (AuditDatabase opened = fixture.open()) {
      until(() -> opened.log().state().toString().contains("the server is a standby"));
      assertThatThrownBy(() -> append(opened, decided("allow"))).isInstanceOf(LogUnavailable.class);
      server.stop();
      Files.delete(signal);
      start(server);
      until(opened.log()::ready);
      assertThat(append(opened, decided("allow")).seq()).isEqualTo(2);
    } finally {
      server.stop();
    }
  }

  @Test
  void onAFullDiskNothingIsServedAndServiceResumes() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0777", "obolus-test", disk.toString()),
        "a small disk can be mounted (by root only)");
    PostgresServer server = TestPostgres.own();
    try {
      Path space = Files.createDirectory(disk.resolve("space"));
      assertThat(Files.setPosixFilePermissions(space, PosixFilePermissions.fromString("rwxrwxrwx")))
          .exists();
      assertThat(
              Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x")))
          .exists();
      fillAndFree(LogFixture.on(server, folder), disk, space);
    } finally {
      server.stop();
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  private void fillAndFree(LogFixture fixture, Path disk, Path space) throws Exception {
    List<Receipt> told = new ArrayList<>();
    try (AuditDatabase opened = fixture.openReady()) {
      told.add(append(opened, decided("allow")));
      sql(fixture, "CREATE TABLESPACE small LOCATION '" + space + "'");
      sql(
          fixture,
          """
          DO $$ DECLARE part regclass; BEGIN
            FOR part IN SELECT inhrelid FROM pg_inherits
                         WHERE inhparent = 'obolus.audit_record'::regclass LOOP
              EXECUTE format('ALTER TABLE %s SET TABLESPACE small', part);
            END LOOP; END $$
          """);
      Path filler = disk.resolve("filler");
      fill(filler);
      until(() -> !tell(opened, told));
      int full = told.size();
      assertThatThrownBy(() -> append(opened, decided("allow"))).isInstanceOf(LogUnavailable.class);
      Files.delete(filler);
      until(() -> tell(opened, told));
      assertThat(told).hasSizeGreaterThan(full);
    }
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY);
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
    }
  }

  private static void fill(Path filler) throws IOException {
    byte[] block = new byte[64 * 1024];
    try (java.io.OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(Files.size(filler)).isPositive();
    }
  }

  private static boolean tell(AuditDatabase opened, List<Receipt> told) {
    Optional<Receipt> receipt =
        opened
            .log()
            .append(decided("allow"))
            .onErrorResume(LogUnavailable.class, refused -> Mono.empty())
            .blockOptional();
    receipt.ifPresent(told::add);
    return receipt.isPresent();
  }

  private static boolean run(String... command) throws Exception {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  private static void start(PostgresServer server) throws IOException {
    PostgresServer again =
        PostgresServer.start(
            server.dataDir(), server.port(), server.dataDir().resolveSibling("postgres.password"));
    assertThat(again.port()).isEqualTo(server.port());
  }

  private static void sql(LogFixture fixture, String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
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
}
