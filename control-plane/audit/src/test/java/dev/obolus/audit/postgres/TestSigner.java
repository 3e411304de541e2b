// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.until;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.issuing.Issuer;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** What the log's signer is made of: its own chain, the integrator, the issuer of keys. */
public final class TestSigner implements AutoCloseable {
  private final LogFixture fixture;
  private final Path enrolments;
  private final SigningKey key;
  private final PostgresAuditLog log;
  private final Integrator integrator;
  private final Issuer issuer;

  TestSigner(LogFixture fixture, Path folder, Clock clock) throws IOException {
    this.fixture = fixture;
    this.enrolments = Files.createDirectories(folder.resolve("enrolments"));
    Path file = folder.resolve("checkpoint.key");
    this.key =
        Files.exists(file)
            ? SigningKey.read(file)
            : SigningKey.create(file, "obolus/test", new SecureRandom());
    LogSettings usual = fixture.logSettings();
    this.log =
        PostgresAuditLog.withoutPersons(
            fixture.settings(TestPostgres.GATEWAY),
            new LogSettings(
                usual.origin(),
                usual.opened(),
                usual.queue(),
                usual.batch(),
                usual.recordBytes(),
                usual.patience(),
                usual.commitTimeout(),
                Duration.ofMillis(100),
                false),
            Keyring.of(fixture.root()),
            new SecureRandom(),
            Clock.systemUTC());
    this.integrator =
        Integrator.start(
            () -> fixture.database().as(TestPostgres.GATEWAY),
            new IntegratorSettings(
                key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMinutes(1)),
            Publishing.nowhere(),
            Clock.systemUTC());
    this.issuer =
        Issuer.start(
            () -> fixture.database().as(TestPostgres.GATEWAY),
            enrolments,
            Keyring.of(fixture.root()),
            log,
            new SecureRandom(),
            clock);
    until(log::ready);
  }

  public SigningKey key() {
    return key;
  }

  public Integrator integrator() {
    return integrator;
  }

  /** A new secret that the gateway of this name shares with the signer. */
  public Path enrol(String gateway) throws IOException {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Path file =
        Files.createFile(
            enrolments.resolve(gateway + ".key"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, HexFormat.of().formatHex(secret));
  }

  @Override
  public void close() {
    issuer.close();
    boolean _ = log.close(Duration.ofSeconds(8)).join();
    until(() -> fixture.uncovered() == 0 || integrator.state() instanceof IntegratorState.Stopped);
    integrator.close();
  }
}
