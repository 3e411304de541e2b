// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Actor;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;

/** A migrated database of a test's own, with a key, and writers on it. */
public final class LogFixture {
  public static final String TENANT = "11111111-1111-4111-8111-111111111111";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestPostgres.Database database;
  private final Path folder;
  private final RootKey root;

  private LogFixture(TestPostgres.Database database, Path folder, RootKey root) {
    this.database = database;
    this.folder = folder;
    this.root = root;
  }

  public static LogFixture on(PostgresServer server, Path folder) throws IOException {
    TestPostgres.Database database = TestPostgres.fresh(server);
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    for (String role : new String[] {TestPostgres.GATEWAY, TestPostgres.CONSOLE}) {
      Path file = folder.resolve(role + ".password");
      Files.writeString(file, role);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    FileKeyEncryption _ = FileKeyEncryption.create(folder.resolve("value.key"), new SecureRandom());
    return new LogFixture(database, folder, root);
  }

  public static LogFixture fresh(Path folder) throws IOException {
    return on(TestPostgres.shared(), folder);
  }

  public TestPostgres.Database database() {
    return database;
  }

  public RootKey root() {
    return root;
  }

  public Path rootKeyFile() {
    return folder.resolve("root.key");
  }

  public FileKeyEncryption encryption() {
    return new FileKeyEncryption(folder.resolve("value.key"), new SecureRandom());
  }

  public DatabaseSettings settings(String role) {
    return new DatabaseSettings(
        database.host(),
        database.port(),
        database.name(),
        role,
        folder.resolve(role + ".password"),
        DatabaseSettings.Tls.PLAIN);
  }

  public LogSettings logSettings() {
    return LogSettings.defaults("obolus/test", Map.of("issuer", "https://issuer.test"));
  }

  /** As usual, but with a lease of less than a second. */
  LogSettings impatient() {
    LogSettings usual = logSettings();
    return new LogSettings(
        usual.origin(),
        usual.opened(),
        usual.queue(),
        usual.batch(),
        usual.recordBytes(),
        usual.patience(),
        usual.commitTimeout(),
        Duration.ofMillis(100),
        false);
  }

  public AuditDatabase open() {
    return open(logSettings());
  }

  public AuditDatabase open(LogSettings settings) {
    return AuditDatabase.open(
        settings(TestPostgres.GATEWAY),
        settings,
        root,
        encryption(),
        new SecureRandom(),
        Clock.systemUTC());
  }

  /** The log's signer, in this process. */
  public TestSigner signer() throws IOException {
    return signer(Clock.systemUTC());
  }

  /** The same, issuing keys by this clock. */
  TestSigner signer(Clock clock) throws IOException {
    return new TestSigner(this, folder, clock);
  }

  /** A writer without the root key. */
  public AuditDatabase openEnrolled(Path enrolment) throws IOException {
    return AuditDatabase.open(
        settings(TestPostgres.GATEWAY),
        logSettings(),
        Enrolment.read(enrolment),
        encryption(),
        new SecureRandom(),
        Clock.systemUTC());
  }

  /** How many records are not in the tree yet. */
  public long uncovered() {
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT coalesce((SELECT sum(seq) FROM obolus.audit_head), 0) - coalesce((SELECT"
                    + " sum(leaves) FROM obolus.audit_tree_span WHERE chain IS NOT NULL), 0)")) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public AuditDatabase openReady() {
    AuditDatabase opened = open();
    until(opened.log()::ready);
    return opened;
  }

  public static Receipt append(AuditDatabase opened, AuditEvent event) {
    return get(opened.log().append(event));
  }

  /** What it emits; fails if nothing comes. */
  public static <T> T get(Mono<T> mono) {
    return mono.blockOptional(PATIENCE).orElseThrow();
  }

  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("still waiting").isNegative();
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  public static Decided decided(String effect) {
    return decided(effect, TENANT);
  }

  public static Decided decided(String effect, String tenant) {
    return new Decided(
        UUID.randomUUID().toString(),
        tenant,
        Optional.of(new Person(tenant, "22222222-2222-4222-8222-222222222222")),
        new Actor(
            "33333333-3333-4333-8333-333333333333",
            Optional.of("copilot"),
            "verified-agent",
            List.of("via-1")),
        "obo",
        "test",
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
        UUID.randomUUID().toString(),
        effect,
        List.of(new AuditEvent.Reason("SALES-001", "team", Map.of("region", "EMEA"))),
        List.of("row_filter"),
        "rev-1",
        "wasm",
        Duration.ofNanos(123_456),
        Optional.of("SELECT * FROM main.sales.orders"),
        Optional.of("[{\"kind\":\"row_filter\"}]"),
        Optional.of("[{\"input\":1}]"));
  }

  public static AuditEvent.Served served(Decided decided, Receipt permit) {
    return new AuditEvent.Served(conclusion(decided, permit), false, List.of("row_filter"));
  }

  public static AuditEvent.Conclusion conclusion(Decided decided, Receipt permit) {
    return AuditEvent.Conclusion.of(
        decided,
        permit,
        12,
        3456,
        Optional.of("correlation-1"),
        List.of("statement-1"),
        Duration.ofMillis(15));
  }

  public static AuditEvent.Rejected rejected() {
    Instant now = Instant.now();
    return new AuditEvent.Rejected(now.minusSeconds(60), now, Map.of("token_expired", 7L));
  }
}
