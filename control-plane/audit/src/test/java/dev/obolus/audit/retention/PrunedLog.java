// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.retention;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;

/** A signed log with an old month of two tenants, and newer records. */
public final class PrunedLog {
  public static final String SHORT = LogFixture.TENANT;
  public static final String LONG = "44444444-4444-4444-8444-444444444444";
  private static final int ENOUGH = 300;

  private final LogFixture fixture;
  private final SigningKey key;
  private final ChainId old;

  private PrunedLog(LogFixture fixture, SigningKey key, ChainId old) {
    this.fixture = fixture;
    this.key = key;
    this.old = old;
  }

  /** Two old chains, then a newer one that fills the tiles that the old ones lie in. */
  public static PrunedLog write(Path folder) throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    SigningKey key =
        SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    run(fixture, partition(month()), partition(month().plusMonths(1)));
    PrunedLog log = new PrunedLog(fixture, key, writeOld(fixture, List.of(SHORT, LONG)));
    assertThat(writeOld(fixture, List.of(SHORT))).isNotEqualTo(log.old);
    log.writeNew();
    return log;
  }

  private static YearMonth month() {
    return YearMonth.now(ZoneOffset.UTC).minusMonths(14);
  }

  private static String partition(YearMonth month) {
    int epoch = epoch(month);
    return "CREATE TABLE obolus.audit_record_%d PARTITION OF obolus.audit_record FOR VALUES FROM (%d) TO (%d);"
            .formatted(epoch, epoch, epoch + 1)
        + " ALTER TABLE obolus.audit_record_%d OWNER TO %s".formatted(epoch, TestPostgres.OWNER);
  }

  private static ChainId writeOld(LogFixture fixture, List<String> tenants) {
    Duration ago =
        Duration.between(
            month().atDay(15).atStartOfDay(), LocalDate.now(ZoneOffset.UTC).atStartOfDay());
    try (AuditDatabase log = open(fixture, Clock.offset(Clock.systemUTC(), ago.negated()))) {
      ChainId chain = append(log, decided("deny", tenants.getFirst())).chain();
      for (int i = 0; i < 12; i++) {
        AuditEvent.Decided permit = decided("allow", tenants.get(i % tenants.size()));
        Receipt receipt = append(log, permit);
        assertThat(append(log, LogFixture.served(permit, receipt)).seq()).isPositive();
      }
      return chain;
    }
  }

  private static AuditDatabase open(LogFixture fixture, Clock clock) {
    AuditDatabase log =
        AuditDatabase.open(
            fixture.settings(TestPostgres.GATEWAY),
            fixture.logSettings(),
            fixture.root(),
            fixture.encryption(),
            new SecureRandom(),
            clock);
    until(log.log()::ready);
    return log;
  }

  /** More records of this month, all signed. */
  public void writeNew() {
    try (AuditDatabase log = fixture.openReady()) {
      long written =
          get(
              Flux.range(0, ENOUGH)
                  .flatMap(i -> log.log().append(decided("deny", LONG)), 64)
                  .count());
      assertThat(written).isEqualTo(ENOUGH);
    }
    sign();
  }

  /** Until every record is in the tree. */
  public void sign() {
    sign(key);
  }

  /** With another key of the same name. */
  public void sign(SigningKey with) {
    sign(with, List.of(fixture.root()));
  }

  /** By a signer that holds these root keys. */
  public void sign(List<RootKey> roots) {
    sign(key, roots);
  }

  private void sign(SigningKey with, List<RootKey> roots) {
    Integrator integrator =
        Integrator.start(
            () -> fixture.database().as(TestPostgres.GATEWAY),
            new IntegratorSettings(with, roots, Duration.ofMillis(20), Duration.ofMinutes(1)),
            Publishing.nowhere(),
            Clock.systemUTC());
    until(() -> uncovered() == 0);
    integrator.close();
  }

  private long uncovered() {
    return Long.parseLong(
        text(
            "SELECT (SELECT sum(seq) FROM obolus.audit_head) - coalesce((SELECT sum(leaves) FROM"
                + " obolus.audit_tree_span WHERE chain IS NOT NULL), 0)"));
  }

  public PrunePlan plan(String... tenants) throws Exception {
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      return PrunePlanner.of(connection).plan(epoch(), Set.of(tenants));
    }
  }

  /** Two people's words and the record of a prune; the log has not signed it then. */
  public Receipt seal(PrunePlan plan) {
    try (AuditDatabase log = fixture.openReady()) {
      return seal(log, plan, "omar");
    }
  }

  /** The same, as that writer seals it and that person agrees to what olga proposed. */
  public static Receipt seal(AuditDatabase log, PrunePlan plan, String other) {
    Receipt proposal = append(log, acted("olga", plan, "proposed"));
    Receipt agreement = append(log, acted(other, plan, "agreed"));
    return append(log, pruned(plan, people(log, other), place(proposal) + " " + place(agreement)));
  }

  private static AuditEvent.OperatorActed acted(String who, PrunePlan plan, String result) {
    return new AuditEvent.OperatorActed(
        LONG,
        new AuditEvent.Person(LONG, who),
        "cli",
        "audit.prune",
        plan.epoch() + " plan " + plan.digest(),
        result);
  }

  /** Olga's pseudonym and that person's. */
  static List<String> people(AuditDatabase log, String other) {
    return List.of(pseudonym(log, "olga"), pseudonym(log, other));
  }

  private static String pseudonym(AuditDatabase log, String who) {
    return get(log.pseudonyms().of(new AuditEvent.Person(LONG, who))).orElseThrow();
  }

  private static String place(Receipt receipt) {
    return receipt.chain() + " " + receipt.seq();
  }

  /** The record alone. */
  static AuditEvent.Pruned pruned(PrunePlan plan, List<String> approvers, String proposal) {
    return new AuditEvent.Pruned(
        plan.epoch(),
        plan.tenants(),
        plan.chains(),
        plan.tree(),
        "13 months",
        approvers,
        "kept long enough",
        proposal,
        Optional.empty());
  }

  /** Seals, signs and carries out the prune of these tenants' old records. */
  public Receipt prune(String... tenants) throws Exception {
    Receipt record = seal(plan(tenants));
    sign();
    assertThat(carryOut(record)).isPositive();
    return record;
  }

  /** As the database's owner. */
  public long carryOut(Receipt record) throws SQLException {
    try (Connection owner = fixture.database().as(TestPostgres.OWNER);
        Statement statement = owner.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT obolus.audit_prune('\\x" + record.chain() + "', " + record.seq() + ")")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  public LogFixture fixture() {
    return fixture;
  }

  /** The first old chain, with records of both tenants. */
  public ChainId old() {
    return old;
  }

  public static int epoch() {
    return epoch(month());
  }

  private static int epoch(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }

  /** The log's public keys, a line each. */
  public List<String> publicKeys() {
    return key.logKeys().stream().map(NoteKey::toString).toList();
  }

  /** A manifest, signed by the log. */
  public String signed(String manifest) {
    return key.signManifest(manifest, Instant.now()).toString();
  }

  public String text(String query) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whoever has the whole database. */
  public void sql(String... statements) {
    run(fixture, statements);
  }

  private static void run(LogFixture fixture, String... statements) {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
