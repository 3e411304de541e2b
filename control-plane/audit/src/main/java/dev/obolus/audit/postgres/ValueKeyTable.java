// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The table of wrapped keys: one row a subject and month, and one for each pseudonym. */
final class ValueKeyTable {
  private static final String SELECT =
      "SELECT name, subject, period, kek, wrapped FROM obolus.audit_value_key WHERE ";

  /** Held shared while a key is made, alone while all are wrapped anew. */
  private static final long LOCK = 0x6F626F6C_6B656B31L;

  private final ConnectionFactory connections;

  ValueKeyTable(ConnectionFactory connections) {
    this.connections = connections;
  }

  /** A key as it lies there. */
  record Stored(Bytes name, Bytes handle, int period, Wrapped wrapped) {}

  /** Empty if there is none. */
  Mono<Stored> find(Bytes handle, int period) {
    return with(connection ->
            connection
                .createStatement(SELECT + "subject = $1 AND period = $2")
                .bind(0, buffer(handle))
                .bind(1, period)
                .execute())
        .next();
  }

  /** All keys of these subjects. */
  Mono<List<Stored>> ofSubject(Bytes handle) {
    return with(connection ->
            connection
                .createStatement(SELECT + "subject = $1 ORDER BY period")
                .bind(0, buffer(handle))
                .execute())
        .collectList();
  }

  /** The keys of these names. */
  Mono<List<Stored>> named(List<Bytes> names) {
    return Flux.fromIterable(names)
        .concatMap(name ->
            with(connection ->
                connection.createStatement(SELECT + "name = $1").bind(0, buffer(name)).execute()))
        .collectList();
  }

  /**
   * Adds it; does nothing if the subject has a key of that month by now. No rotation of the
   * key-encryption key comes between wrapping and adding.
   *
   * @param key wraps; may block
   */
  Mono<Boolean> add(Callable<Stored> key) {
    return inTransaction(connection ->
        said(connection.createStatement("SELECT pg_advisory_xact_lock_shared(" + LOCK + ")"))
            .then(Mono.fromCallable(key).subscribeOn(Schedulers.boundedElastic()))
            .flatMap(fresh -> insert(connection, fresh)));
  }

  private static Mono<Boolean> insert(Connection connection, Stored key) {
    return said(
        connection
            .createStatement(
                "INSERT INTO obolus.audit_value_key (name, subject, period, kek, wrapped)"
                    + " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
            .bind(0, buffer(key.name()))
            .bind(1, buffer(key.handle()))
            .bind(2, key.period())
            .bind(3, key.wrapped().version())
            .bind(4, buffer(key.wrapped().bytes())));
  }

  /**
   * Wraps every key anew, all or none.
   *
   * @param begin makes the version that wraps from now on, and names it; may block
   * @param rewrap may block
   */
  Mono<Boolean> rewrapAll(Callable<String> begin, Rewrap rewrap) {
    return inTransaction(connection ->
        said(connection.createStatement("SELECT pg_advisory_xact_lock(" + LOCK + ")"))
            .then(Mono.fromCallable(begin).subscribeOn(Schedulers.boundedElastic()))
            .flatMap(version -> rewrapPages(connection, version, rewrap)));
  }

  private static Mono<Boolean> rewrapPages(Connection connection, String version, Rewrap rewrap) {
    return Mono.defer(() -> page(connection, version))
        .flatMap(page ->
            Flux.fromIterable(page)
                .concatMap(key -> rewrap(connection, key, version, rewrap))
                .then(Mono.just(page.isEmpty())))
        .repeat()
        .takeUntil(done -> done)
        .last();
  }

  private static Mono<Boolean> rewrap(
      Connection connection, Stored key, String version, Rewrap rewrap) {
    return Mono.fromCallable(() -> rewrap.again(key, version))
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(wrapped ->
            said(
                connection
                    .createStatement(
                        "UPDATE obolus.audit_value_key SET kek = $1, wrapped = $2 WHERE name = $3")
                    .bind(0, wrapped.version())
                    .bind(1, buffer(wrapped.bytes()))
                    .bind(2, buffer(key.name()))));
  }

  /** The keys that another version than this wraps, some of them. */
  private static Mono<List<Stored>> page(Connection connection, String version) {
    return Flux.from(
            connection
                .createStatement(SELECT + "kek <> $1 ORDER BY name LIMIT 500")
                .bind(0, version)
                .execute())
        .concatMap(result -> result.map(ValueKeyTable::read))
        .collectList();
  }

  /**
   * Destroys the versions that no key is wrapped with. Nobody makes a version meanwhile, so one
   * that another process is about to wrap all with is never destroyed under it, nor the one before.
   *
   * @param destroy is told which versions are in use; may block
   */
  Mono<Boolean> destroyUnused(Destroy destroy) {
    return inTransaction(connection ->
        said(connection.createStatement("SELECT pg_advisory_xact_lock(" + LOCK + ")"))
            .then(Mono.defer(() -> versions(connection)))
            .flatMap(used ->
                Mono.fromCallable(
                        () -> {
                          destroy.allBut(used);
                          return true;
                        })
                    .subscribeOn(Schedulers.boundedElastic())));
  }

  private static Mono<Set<String>> versions(Connection connection) {
    return Flux.from(
            connection.createStatement("SELECT DISTINCT kek FROM obolus.audit_value_key").execute())
        .concatMap(
            result -> result.map(row -> Objects.requireNonNull(row.get("kek", String.class))))
        .collect(Collectors.toSet());
  }

  /** Destroys all versions but the newest and these. */
  interface Destroy {
    void allBut(Set<String> used) throws IOException;
  }

  /** Wraps a stored key with this version. */
  interface Rewrap {
    Wrapped again(Stored key, String version) throws IOException;
  }

  /** Destroys the keys that the record of this place says are erased. */
  Mono<Boolean> destroy(ChainId chain, long seq) {
    return inTransaction(connection ->
        said(
            connection
                .createStatement("SELECT obolus.audit_destroy_keys($1, $2)")
                .bind(0, buffer(chain.bytes()))
                .bind(1, seq)));
  }

  private Flux<Stored> with(
      Function<Connection, org.reactivestreams.Publisher<? extends Result>> ask) {
    return Flux.usingWhen(
        connections.create(),
        connection ->
            Flux.from(ask.apply(connection)).concatMap(result -> result.map(ValueKeyTable::read)),
        Connection::close);
  }

  private Mono<Boolean> inTransaction(Function<Connection, Mono<Boolean>> work) {
    return Mono.usingWhen(
        connections.create(),
        connection ->
            Mono.from(connection.beginTransaction())
                .then(Mono.defer(() -> work.apply(connection)))
                .flatMap(done -> Mono.from(connection.commitTransaction()).thenReturn(done))
                .onErrorResume(failure ->
                    Mono.from(connection.rollbackTransaction()).then(Mono.error(failure))),
        Connection::close);
  }

  private static Mono<Boolean> said(Statement statement) {
    return Flux.from(statement.execute())
        .concatMap(result -> result.map(_ -> true))
        .then(Mono.just(true));
  }

  private static Stored read(Readable row) {
    return new Stored(
        LogSession.bytes(row, "name"),
        LogSession.bytes(row, "subject"),
        Objects.requireNonNull(row.get("period", Integer.class)),
        new Wrapped(
            Objects.requireNonNull(row.get("kek", String.class)),
            LogSession.bytes(row, "wrapped")));
  }

  private static ByteBuffer buffer(Bytes bytes) {
    return ByteBuffer.wrap(bytes.toArray());
  }
}
