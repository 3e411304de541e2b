// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.issuing.KeyRequest;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** A writer's connection to a database that was found safe, and what it asks of it. */
final class LogSession {
  private static final Duration PREPARING = Duration.ofSeconds(8);

  private final String name;
  private final PostgresqlConnection connection;
  private final SafetyCheck safety;

  private LogSession(String name, PostgresqlConnection connection, SafetyCheck safety) {
    this.name = name;
    this.connection = connection;
    this.safety = safety;
  }

  /**
   * Connects and looks around. A predecessor's session is ended first: a commit of it that is still
   * under way would otherwise change the head after we have read it.
   *
   * @param name the session's, shown by the server
   */
  static Mono<LogSession> open(
      DatabaseSettings settings,
      String name,
      Optional<String> predecessor,
      SafetyCheck safety,
      int[] epochs) {
    PostgresqlConnectionFactory factory = Connections.to(settings, name);
    return factory
        .create()
        .flatMap(connection ->
            new LogSession(name, connection, safety)
                .prepared(predecessor, epochs)
                .timeout(PREPARING)
                .onErrorResume(failure -> close(connection).then(Mono.error(failure))));
  }

  String name() {
    return name;
  }

  LeftChains others() {
    return new LeftChains(this, connection);
  }

  private Mono<LogSession> prepared(Optional<String> predecessor, int[] epochs) {
    return safe()
        .then(Mono.justOrEmpty(predecessor).flatMap(this::terminate))
        .then(ensure(epochs))
        .thenReturn(this);
  }

  /** Fails with {@link Unsafe} if anything is wrong. */
  Mono<LogSession> safe() {
    return safety
        .look(connection)
        .flatMap(
            faults -> faults.isEmpty() ? Mono.just(this) : Mono.error(() -> new Unsafe(faults)));
  }

  private Mono<Boolean> terminate(String predecessor) {
    return connection
        .createStatement(
            """
            SELECT coalesce(bool_and(pg_terminate_backend(pid, 5000)), true)
              FROM pg_stat_activity
             WHERE usename = current_user AND application_name = $1 AND pid <> pg_backend_pid()
            """)
        .bind("$1", predecessor)
        .execute()
        .concatMap(result -> result.map(row -> Objects.requireNonNull(row.get(0, Boolean.class))))
        .single()
        .filter(gone -> gone)
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("the old session lives on")));
  }

  /** Makes sure that the epochs' partitions exist. */
  Mono<Boolean> ensure(int... epochs) {
    return connection
        .createStatement("SELECT obolus.audit_ensure_epoch(e) FROM unnest($1::int[]) AS e")
        .bind("$1", java.util.Arrays.stream(epochs).boxed().toArray(Integer[]::new))
        .execute()
        .concatMap(result -> result.map(row -> true))
        .then(Mono.just(true));
  }

  /**
   * The newest records of the chains that have moved since a day before the newest of them opened,
   * and of those given: what an opening record has to write down, since those before it wrote down
   * the rest. The day is for clocks and for chains that open at one time.
   */
  Mono<List<Head>> heads(Collection<ChainId> known) {
    return connection
        .createStatement(
            "SELECT chain, seq, mac FROM obolus.audit_head"
                + " WHERE changed_at >= (SELECT max(opened_at) FROM obolus.audit_head)"
                + " - interval '1 day'"
                + " OR encode(chain, 'hex') = ANY ($1) ORDER BY opened_at, chain")
        .bind("$1", known.stream().map(ChainId::toString).toArray(String[]::new))
        .execute()
        .concatMap(result -> result.map(LogSession::head))
        .collectList();
  }

  /**
   * Lets others see that this session writes the chains, or owes outcomes to their permits; what it
   * held before it lets go.
   */
  Mono<Boolean> hold(Collection<ChainId> chains) {
    return connection
        .createStatement("SELECT true FROM (SELECT pg_advisory_unlock_all()) AS before")
        .execute()
        .concatMap(result -> result.map(row -> true))
        .then(
            connection
                .createStatement(
                    "SELECT bool_and(pg_try_advisory_lock_shared(obolus.audit_chain_lock(chain)))"
                        + " FROM (SELECT decode(id, 'hex') AS chain FROM unnest($1) AS id) AS ids")
                .bind("$1", chains.stream().map(ChainId::toString).toArray(String[]::new))
                .execute()
                .concatMap(
                    result -> result.map(row -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
                .single())
        .filter(held -> held)
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("the chain is held by another")));
  }

  Mono<Boolean> hasEnded(ChainId chain) {
    return connection
        .createStatement(
            "SELECT coalesce(bool_or(ended), false) FROM obolus.audit_head WHERE chain = $1")
        .bind("$1", ByteBuffer.wrap(chain.bytes().toArray()))
        .execute()
        .concatMap(result -> result.map(row -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
        .single();
  }

  /** Leaves a request for the log's signer. */
  Mono<Boolean> ask(KeyRequest request) {
    return connection
        .createStatement(
            """
            INSERT INTO obolus.audit_key_request (id, enrolment, epoch, public_key, mac)
              VALUES ($1, $2, $3, $4, $5)
            """)
        .bind("$1", ByteBuffer.wrap(request.id().toArray()))
        .bind("$2", request.enrolment())
        .bind("$3", request.epoch())
        .bind("$4", ByteBuffer.wrap(request.publicKey().toArray()))
        .bind("$5", ByteBuffer.wrap(request.mac().toArray()))
        .execute()
        .concatMap(result -> result.getRowsUpdated())
        .then(Mono.just(true));
  }

  /** What the log's signer said to a request: a sealed key, or a word why not. */
  record Answer(Optional<Bytes> sealed, String refusal) {}

  /** Empty while there is no answer. */
  Mono<Answer> answer(Bytes request) {
    return connection
        .createStatement(
            """
            SELECT answer, coalesce(refusal, '') AS refusal FROM obolus.audit_key_request
             WHERE id = $1 AND (answer IS NOT NULL OR refusal IS NOT NULL)
            """)
        .bind("$1", ByteBuffer.wrap(request.toArray()))
        .execute()
        .concatMap(result -> result.map(LogSession::answered))
        .next();
  }

  /** Whether the chain that was asked for is not there yet, and may still be opened. */
  Mono<Boolean> isOpenable(Bytes request) {
    return connection
        .createStatement(
            """
            SELECT coalesce(bool_or(expires_at > clock_timestamp() AND NOT EXISTS
                     (SELECT FROM obolus.audit_head AS head WHERE head.chain = asked.chain)), false)
              FROM obolus.audit_key_request AS asked WHERE id = $1
            """)
        .bind("$1", ByteBuffer.wrap(request.toArray()))
        .execute()
        .concatMap(result -> result.map(row -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
        .single();
  }

  private static Answer answered(Readable row) {
    return new Answer(
        row.get("answer") == null ? Optional.empty() : Optional.of(bytes(row, "answer")),
        Objects.requireNonNull(row.get("refusal", String.class)));
  }

  /** The newest chains and the ids of their keys, newest first. */
  Mono<List<Keyring.Earlier>> newest() {
    return connection
        .createStatement(
            """
            SELECT h.chain, h.seq, h.mac, r.key_id FROM obolus.audit_head h
              JOIN obolus.audit_record r ON r.chain = h.chain AND r.seq = 1 AND r.epoch = h.epoch
             ORDER BY h.opened_at DESC, h.chain LIMIT 20
            """)
        .execute()
        .concatMap(result ->
            result.map(row ->
                new Keyring.Earlier(
                    head(row), Objects.requireNonNull(row.get("key_id", String.class)))))
        .collectList();
  }

  /**
   * Commits the records; emits how many there were. Where the server waits for a standby, somebody
   * may end that wait: the commit then stands here alone, and a warning says so. COPY's own notices
   * are not shown by the driver, so there the commit is a statement of its own; else it is one
   * round trip.
   */
  Mono<Long> copy(CopyRows rows) {
    return safety.waitsForStandby()
        ? add("BEGIN; " + CopyRows.COPY, rows).flatMap(many -> commit().thenReturn(many))
        : add(CopyRows.COPY, rows);
  }

  /** Adds the records in the transaction that is open. */
  Mono<Long> add(CopyRows rows) {
    return add(CopyRows.COPY, rows);
  }

  /** Fails if the server has anything to remark: nobody knows then whether a standby has it. */
  Mono<Boolean> commit() {
    return connection
        .createStatement("COMMIT")
        .execute()
        .concatMap(result -> result.flatMap(LogSession::remarked))
        .then(Mono.just(true));
  }

  private static Mono<Boolean> remarked(Result.Segment segment) {
    return segment instanceof Result.Message message
        ? Mono.error(() -> new IllegalStateException("committed here alone: " + message.sqlState()))
        : Mono.just(true);
  }

  private Mono<Long> add(String copy, CopyRows rows) {
    return connection
        .copyIn(copy)
        .from(rows.bytes())
        .build()
        .filter(written -> written == rows.count())
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("not every record was taken")));
  }

  Mono<Boolean> close() {
    return close(connection);
  }

  private static Mono<Boolean> close(PostgresqlConnection connection) {
    return connection.close().timeout(Duration.ofSeconds(2)).thenReturn(true).onErrorReturn(false);
  }

  static Head head(Readable row) {
    return new Head(
        new ChainId(bytes(row, "chain")),
        Objects.requireNonNull(row.get("seq", Long.class)),
        bytes(row, "mac"));
  }

  static Bytes bytes(Readable row, String name) {
    ByteBuffer buffer = Objects.requireNonNull(row.get(name, ByteBuffer.class));
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return Bytes.of(bytes);
  }

  /** The database must not be written to. */
  static final class Unsafe extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final List<String> faults;

    Unsafe(List<String> faults) {
      super(String.join("; ", faults), null, false, false);
      this.faults = List.copyOf(faults);
    }

    List<String> faults() {
      return faults;
    }
  }
}
