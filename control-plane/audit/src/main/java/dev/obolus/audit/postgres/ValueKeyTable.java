// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import dev.obolus.audit.personal.ValueKey;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The table of wrapped keys: one row a subject and month, and one for each pseudonym. */
final class ValueKeyTable {
  private static final Logger LOG = LoggerFactory.getLogger(ValueKeyTable.class);
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
   * Destroys the keys that records call erased and that are still there, and wraps all others anew:
   * both or neither, so that what a crash left can be seen by the keys that are there. A key that
   * does not unwrap is passed over and stays as it lies.
   *
   * @param current names the version that wraps; may block
   * @param rotate makes the version that wraps from now on, and names it; may block
   * @param rewrap may block
   * @return how many were destroyed; nothing if the log holds no erasure
   */
  Mono<Optional<Long>> destroyErased(
      Callable<String> current, Callable<String> rotate, Rewrap rewrap) {
    return inTransaction(connection ->
        said(connection.createStatement("SELECT pg_advisory_xact_lock(" + LOCK + ")"))
            .then(Mono.defer(() -> destroyed(connection)))
            .flatMap(gone ->
                gone.isEmpty()
                    ? Mono.just(gone)
                    : Mono.fromCallable(gone.get() > 0 ? rotate : current)
                        .subscribeOn(Schedulers.boundedElastic())
                        .flatMap(version -> rewrapAll(connection, version, rewrap))
                        .thenReturn(gone)));
  }

  private static Mono<Optional<Long>> destroyed(Connection connection) {
    return Flux.from(
            connection
                .createStatement(
                    "SELECT sum(obolus.audit_destroy_keys(chain, seq))::bigint AS gone"
                        + " FROM obolus.audit_record WHERE event = 'erased'")
                .execute())
        .concatMap(result -> result.map(row -> Optional.ofNullable(row.get("gone", Long.class))))
        .next();
  }

  private static Mono<Boolean> rewrapAll(Connection connection, String version, Rewrap rewrap) {
    return eachBut(
        connection, () -> Set.of(version), key -> rewrap(connection, key, version, rewrap));
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
                    .bind(2, buffer(key.name()))))
        .onErrorResume(KeyEncryption.Unreadable.class, why -> passedOver(key, why));
  }

  private static Mono<Boolean> passedOver(Stored key, KeyEncryption.Unreadable why) {
    LOG.atError()
        .addKeyValue("key", key.name().hex())
        .addKeyValue("why", why.getMessage())
        .log("audit value key does not unwrap: it was changed, and what it hides cannot be read");
    return Mono.just(false);
  }

  /** Does it with each key that other versions than these wrap, by name, a page at a time. */
  private static Mono<Boolean> eachBut(
      Connection connection, Supplier<Set<String>> versions, Function<Stored, Mono<Boolean>> what) {
    AtomicReference<Bytes> last = new AtomicReference<>(Bytes.of(new byte[0]));
    return Mono.defer(() -> page(connection, versions.get(), last.get()))
        .flatMap(page -> {
          if (!page.isEmpty()) {
            last.set(page.getLast().name());
          }
          return Flux.fromIterable(page).concatMap(what).then(Mono.just(page.isEmpty()));
        })
        .repeat()
        .takeUntil(done -> done)
        .last();
  }

  private static Mono<List<Stored>> page(Connection connection, Set<String> but, Bytes after) {
    return Flux.from(
            connection
                .createStatement(SELECT + "kek <> ALL ($1) AND name > $2 ORDER BY name LIMIT 500")
                .bind(0, but.toArray(String[]::new))
                .bind(1, buffer(after))
                .execute())
        .concatMap(result -> result.map(ValueKeyTable::read))
        .collectList();
  }

  /**
   * Destroys the versions that wrap no key, but the one that wraps now. Nobody makes a version
   * meanwhile, so one that another process is about to wrap all with is never destroyed under it,
   * nor the one before. A key that does not unwrap keeps no version alive.
   *
   * @param current names the version that wraps; may block
   * @param unwrap fails with {@link KeyEncryption.Unreadable} if a key was changed; may block
   * @param destroy is told which versions are in use; may block
   */
  Mono<Boolean> destroyUnused(Callable<String> current, Unwrap unwrap, Destroy destroy) {
    return inTransaction(connection ->
        said(connection.createStatement("SELECT pg_advisory_xact_lock(" + LOCK + ")"))
            .then(Mono.fromCallable(current).subscribeOn(Schedulers.boundedElastic()))
            .flatMap(version -> inUse(connection, version, unwrap))
            .flatMap(used ->
                Mono.fromCallable(
                        () -> {
                          destroy.allBut(used);
                          return true;
                        })
                    .subscribeOn(Schedulers.boundedElastic())));
  }

  private static Mono<Set<String>> inUse(Connection connection, String version, Unwrap unwrap) {
    Set<String> used = ConcurrentHashMap.newKeySet();
    used.add(version);
    return eachBut(
            connection,
            () -> used,
            key ->
                used.contains(key.wrapped().version())
                    ? Mono.just(true)
                    : Mono.fromCallable(() -> unwrap.open(key))
                        .subscribeOn(Schedulers.boundedElastic())
                        .map(_ -> used.add(key.wrapped().version()))
                        .onErrorResume(KeyEncryption.Unreadable.class, why -> passedOver(key, why)))
        .thenReturn(used);
  }

  /** Destroys all versions but the newest and these. */
  interface Destroy {
    void allBut(Set<String> used) throws IOException;
  }

  /** Wraps a stored key with this version. */
  interface Rewrap {
    Wrapped again(Stored key, String version) throws IOException;
  }

  /** Reads a stored key. */
  interface Unwrap {
    ValueKey open(Stored key) throws IOException;
  }

  private Flux<Stored> with(
      Function<Connection, org.reactivestreams.Publisher<? extends Result>> ask) {
    return Flux.usingWhen(
        connections.create(),
        connection ->
            Flux.from(ask.apply(connection)).concatMap(result -> result.map(ValueKeyTable::read)),
        Connection::close);
  }

  private <T> Mono<T> inTransaction(Function<Connection, Mono<T>> work) {
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
