// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.audit.retention.PrunePlanner;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;

/** A signed log with a few records of a month long ago, and a sealed prune of them. */
final class SmallLog {
  private static final String TENANT = "11111111-1111-4111-8111-111111111111";
  private static final int ENOUGH = 260;

  private final TestPostgres.Database database;
  private final Path folder;
  private final RootKey root;
  private final FileKeyEncryption encryption;
  private final SigningKey key;

  SmallLog(TestPostgres.Database database, Path folder) throws Exception {
    this.database = database;
    this.folder = folder;
    this.root = RootKey.create(folder.resolve("log-root.key"), new SecureRandom());
    this.encryption = FileKeyEncryption.create(folder.resolve("log-value.key"), new SecureRandom());
    this.key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
  }

  private static YearMonth month() {
    return YearMonth.now(ZoneOffset.UTC).minusMonths(14);
  }

  static int epoch() {
    return month().getYear() * 100 + month().getMonthValue();
  }

  Receipt writeAndSealAPrune() throws Exception {
    makeMonth(month());
    makeMonth(month().plusMonths(1));
    Clock now = Clock.systemUTC();
    Duration ago =
        Duration.between(month().atDay(15).atStartOfDay().toInstant(ZoneOffset.UTC), now.instant());
    Receipt _ = append(Clock.offset(now, ago.negated()), Flux.range(0, 3).map(_ -> cancelled()));
    Receipt _ = append(now, Flux.range(0, ENOUGH).map(_ -> changed()));
    sign();
    PrunePlan plan;
    try (Connection connection = database.as(TestPostgres.GATEWAY)) {
      plan = PrunePlanner.of(connection).plan(epoch(), Set.of(TENANT));
    }
    Receipt proposal = append(now, Flux.just(acted("olga", plan, "proposed")));
    Receipt agreement = append(now, Flux.just(acted("omar", plan, "agreed")));
    Receipt record =
        append(
            now,
            Flux.just(
                new AuditEvent.Pruned(
                    plan.epoch(),
                    plan.tenants(),
                    plan.chains(),
                    plan.tree(),
                    "13 months",
                    List.of(person(proposal), person(agreement)),
                    "kept long enough",
                    place(proposal) + " " + place(agreement),
                    Optional.empty())));
    sign();
    return record;
  }

  /** The chain of the records of long ago. */
  String old() throws Exception {
    try (Connection connection = database.as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT encode(chain, 'hex') FROM obolus.audit_head ORDER BY epoch LIMIT 1")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  /**
   * A signed log with a sign-in, and the erasure of everything personal in it, which nobody has
   * signed yet: its keys are destroyed.
   *
   * @return the erasure's record
   */
  Receipt writeAndEraseUnsigned() throws Exception {
    Clock now = Clock.systemUTC();
    AuditEvent signIn =
        new AuditEvent.SignedIn(
            TENANT, new AuditEvent.Person(TENANT, "alice"), "console", List.of("Soc"));
    Receipt _ = append(now, Flux.just(signIn));
    sign();
    List<Bytes> keys = valueKeys();
    Receipt erasure =
        append(
            now,
            Flux.just(
                new AuditEvent.Erased(
                    TENANT,
                    new AuditEvent.Person(TENANT, "omar"),
                    "cli",
                    "-",
                    "asked for",
                    "-",
                    keys)));
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement()) {
      for (Bytes key : keys) {
        assertThat(
                statement.executeUpdate(
                    "DELETE FROM obolus.audit_value_key WHERE name = '\\x" + key.hex() + "'"))
            .isOne();
      }
    }
    return erasure;
  }

  private List<Bytes> valueKeys() throws Exception {
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT encode(name, 'hex') FROM obolus.audit_value_key")) {
      List<Bytes> names = new ArrayList<>();
      while (row.next()) {
        names.add(Bytes.ofHex(row.getString(1)));
      }
      assertThat(names).isNotEmpty();
      return names;
    }
  }

  /** A few records more, signed too. */
  Receipt writeOn() throws Exception {
    Receipt last = writeUnsigned();
    sign();
    return last;
  }

  /** A few records more, in a chain that they end, which nobody signs. */
  Receipt writeUnsigned() throws Exception {
    return append(Clock.systemUTC(), Flux.range(0, 3).map(_ -> changed()));
  }

  private static AuditEvent acted(String who, PrunePlan plan, String result) {
    return new AuditEvent.OperatorActed(
        TENANT,
        new AuditEvent.Person(TENANT, who),
        "cli",
        "audit.prune",
        plan.epoch() + " plan " + plan.digest(),
        result);
  }

  private static String place(Receipt receipt) {
    return receipt.chain() + " " + receipt.seq();
  }

  private String person(Receipt receipt) throws Exception {
    try (Connection connection = database.as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT person FROM obolus.audit_record WHERE seq = "
                    + receipt.seq()
                    + " AND chain = '\\x"
                    + receipt.chain()
                    + "'")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  Path publicKeys() throws Exception {
    return Files.write(
        folder.resolve("log.pub"), key.logKeys().stream().map(NoteKey::toString).toList());
  }

  Path secret(String name, String value) throws Exception {
    Path file = Files.writeString(folder.resolve(name), value);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private void makeMonth(YearMonth month) throws Exception {
    int epoch = month.getYear() * 100 + month.getMonthValue();
    try (Connection owner = database.as(TestPostgres.OWNER);
        Statement statement = owner.createStatement()) {
      boolean _ =
          statement.execute(
              "CREATE TABLE obolus.audit_record_%d PARTITION OF obolus.audit_record FOR VALUES FROM (%d) TO (%d)"
                  .formatted(epoch, epoch, epoch + 1));
    }
  }

  private Receipt append(Clock clock, Flux<AuditEvent> events) throws Exception {
    DatabaseSettings place =
        new DatabaseSettings(
            database.host(),
            database.port(),
            database.name(),
            TestPostgres.GATEWAY,
            secret("gateway.password", TestPostgres.GATEWAY),
            DatabaseSettings.Tls.PLAIN);
    try (AuditDatabase log =
        AuditDatabase.open(
            place,
            LogSettings.defaults("obolus/test", Map.of()),
            root,
            encryption,
            new SecureRandom(),
            clock)) {
      while (!log.log().ready()) {
        Thread.sleep(10);
      }
      return java.util.Objects.requireNonNull(
          events.concatMap(log.log()::append).blockLast(Duration.ofSeconds(60)));
    }
  }

  private void sign() throws Exception {
    Integrator integrator =
        Integrator.start(
            () -> database.as(TestPostgres.GATEWAY),
            new IntegratorSettings(
                key, List.of(root), Duration.ofMillis(20), Duration.ofMinutes(1)),
            Publishing.nowhere(),
            Clock.systemUTC());
    while (!(integrator.state() instanceof IntegratorState.Signing) || uncovered() > 0) {
      Thread.sleep(20);
    }
    integrator.close();
  }

  private long uncovered() throws Exception {
    try (Connection connection = database.as(TestPostgres.GATEWAY);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT sum(seq) FROM obolus.audit_head) - (SELECT sum(leaves) FROM"
                    + " obolus.audit_tree_span WHERE chain IS NOT NULL)")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  private static AuditEvent changed() {
    return new AuditEvent.PolicyChanged("-", "r", "s", "activated");
  }

  private static AuditEvent cancelled() {
    return new AuditEvent.Cancelled(
        new AuditEvent.Conclusion(
            "d",
            TENANT,
            new ChainId(Bytes.of(new byte[16])),
            2,
            "obo",
            "test",
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            "c",
            Optional.empty(),
            List.of(),
            Duration.ZERO),
        "stopped");
  }
}
