// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.personal.KeyEncryption;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What a gateway opens: the log in PostgreSQL, with its reader, its feed and its names for persons.
 *
 * <p>Opening returns at once; {@link PostgresAuditLog#state} says when the chain is open, and why
 * not yet. Closing waits for what is queued and for the chain's last record: not on an event loop.
 */
public final class AuditDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditDatabase.class);
  private static final Duration CLOSING = Duration.ofSeconds(8);

  /** How long after a crash somebody's keys may still be there. */
  private static final Duration FINISHING = Duration.ofMinutes(5);

  private final PostgresAuditLog log;
  private final AuditViews views;
  private final SubjectKeys keys;
  private final PersonalValues personalValues;
  private final ConnectionPool keyConnections;
  private final Disposable finishing;

  private AuditDatabase(
      PostgresAuditLog log,
      AuditViews views,
      SubjectKeys keys,
      PostgresPersonalValues personalValues,
      ConnectionPool keyConnections) {
    this.log = log;
    this.views = views;
    this.keys = keys;
    this.personalValues = personalValues;
    this.keyConnections = keyConnections;
    this.finishing = finishing(personalValues);
  }

  /** A process edge: what a crash left of an erasure is done, now and every few minutes. */
  private static Disposable finishing(PostgresPersonalValues values) {
    return Flux.interval(Duration.ZERO, FINISHING, Schedulers.parallel())
        .onBackpressureDrop()
        .concatMap(_ -> values.finish().onErrorResume(AuditDatabase::notFinished), 1)
        .subscribe(_ -> {}, fault -> LOG.atError().setCause(fault).log("erasing stopped"));
  }

  private static Mono<Boolean> notFinished(Throwable failure) {
    LOG.atWarn()
        .addKeyValue("why", failure.getClass().getSimpleName())
        .log("whether an erasure is unfinished could not be looked at");
    return Mono.just(false);
  }

  public static AuditDatabase open(
      DatabaseSettings database,
      LogSettings settings,
      RootKey root,
      KeyEncryption encryption,
      SecureRandom random,
      Clock clock) {
    return open(database, settings, Keyring.of(root), encryption, random, clock);
  }

  /** With older root keys to take over from, after a rotation. */
  public static AuditDatabase open(
      DatabaseSettings database,
      LogSettings settings,
      Keyring keyring,
      KeyEncryption encryption,
      SecureRandom random,
      Clock clock) {
    return open(
        database,
        settings,
        new HeldKeys(keyring, random),
        Handles.of(keyring),
        encryption,
        random,
        clock);
  }

  /** Without a root key: the log's signer issues the key of each chain. */
  public static AuditDatabase open(
      DatabaseSettings database,
      LogSettings settings,
      Enrolment enrolment,
      KeyEncryption encryption,
      SecureRandom random,
      Clock clock) {
    Handles handles = Handles.unknown();
    return open(
        database,
        settings,
        new IssuedKeys(enrolment, handles, random),
        handles,
        encryption,
        random,
        clock);
  }

  private static AuditDatabase open(
      DatabaseSettings database,
      LogSettings settings,
      ChainKeys chainKeys,
      Handles handles,
      KeyEncryption encryption,
      SecureRandom random,
      Clock clock) {
    ConnectionPool keyConnections = AuditViews.pool(database, "obolus-audit-keys", 2);
    ValueKeyTable table = new ValueKeyTable(keyConnections);
    SubjectKeys keys = new SubjectKeys(table, encryption, handles, random, clock);
    PostgresAuditLog log =
        new PostgresAuditLog(database, settings, chainKeys, keys::seal, random, clock);
    log.start();
    return new AuditDatabase(
        log,
        AuditViews.open(database, log.committed()),
        keys,
        new PostgresPersonalValues(keyConnections, table, encryption, handles, keys),
        keyConnections);
  }

  /**
   * Why a gateway would not write to this database; empty where it would. Writes nothing.
   *
   * @param requireStandby whether a synchronous standby must be configured
   */
  public static Mono<List<String>> faults(DatabaseSettings database, boolean requireStandby) {
    SafetyCheck safety = new SafetyCheck(requireStandby);
    return Mono.usingWhen(
        Connections.to(database, "obolus-doctor").create(),
        safety::look,
        PostgresqlConnection::close);
  }

  /**
   * The epochs, this one and the next, that have no table yet. A gateway makes them itself when it
   * connects; emits nothing but an empty list after {@code obolus migrate}.
   */
  public static Mono<List<String>> missingEpochs(DatabaseSettings database) {
    return Mono.usingWhen(
        Connections.to(database, "obolus-doctor").create(),
        connection ->
            connection
                .createStatement(
                    """
                    SELECT epoch FROM (
                      SELECT to_char(month, 'YYYYMM') AS epoch FROM generate_series(
                        date_trunc('month', now() AT TIME ZONE 'UTC'),
                        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month',
                        interval '1 month') AS month) AS wanted
                     WHERE to_regclass('obolus.audit_record_' || epoch) IS NULL ORDER BY epoch
                    """)
                .execute()
                .concatMap(result ->
                    result.map(
                        row -> java.util.Objects.requireNonNull(row.get("epoch", String.class))))
                .collectList(),
        PostgresqlConnection::close);
  }

  /** How many requests of the last hour for a chain's key the log's signer left unanswered. */
  public static Mono<Long> unansweredKeys(DatabaseSettings database) {
    return Mono.usingWhen(
        Connections.to(database, "obolus-doctor").create(),
        connection ->
            connection
                .createStatement(
                    """
                    SELECT count(*) FROM obolus.audit_key_request
                     WHERE answer IS NULL AND refusal IS NULL
                       AND asked_at BETWEEN now() - interval '1 hour' AND now() - interval '10 s'
                    """)
                .execute()
                .concatMap(result ->
                    result.map(row -> java.util.Objects.requireNonNull(row.get(0, Long.class))))
                .single(),
        PostgresqlConnection::close);
  }

  public PostgresAuditLog log() {
    return log;
  }

  public AuditReader reader() {
    return views.reader();
  }

  /** What this process commits it tells from memory, at once; what others do as they are found. */
  public AuditFeed feed() {
    return views.feed();
  }

  public Pseudonyms pseudonyms() {
    return keys;
  }

  public PersonalValues personalValues() {
    return personalValues;
  }

  @Override
  public void close() {
    finishing.dispose();
    boolean tidy = log.close(CLOSING).join();
    if (!tidy) {
      LOG.warn("audit chain left without its last record");
    }
    views.close();
    keyConnections.dispose();
  }
}
