// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.Commitments;
import dev.obolus.audit.chain.Tag;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.personal.SealingKeys;
import dev.obolus.audit.personal.Subject;
import dev.obolus.audit.personal.ValueKey;
import dev.obolus.audit.postgres.ValueKeyTable.Stored;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Reads the values from the log's rows, and their keys from the table beside it. */
final class PostgresPersonalValues implements PersonalValues {
  private static final int SALT = 16;

  private final ConnectionFactory connections;
  private final ValueKeyTable table;
  private final KeyEncryption encryption;
  private final Handles handles;
  private final SubjectKeys keys;

  PostgresPersonalValues(
      ConnectionFactory connections,
      ValueKeyTable table,
      KeyEncryption encryption,
      Handles handles,
      SubjectKeys keys) {
    this.connections = connections;
    this.table = table;
    this.encryption = encryption;
    this.handles = handles;
    this.keys = keys;
  }

  @Override
  public Mono<Revealed> reveal(Set<String> tenants, ChainId chain, long seq, Field field) {
    return stored(tenants, chain, seq, field)
        .flatMap(value -> reveal(chain, seq, tag(field), value))
        .defaultIfEmpty(new Revealed.Nothing());
  }

  /** A value as it lies there, and what the record's sealed bytes say of it. */
  private record Hidden(Bytes sealed, Bytes commitment, List<Bytes> keys) {}

  private Mono<Hidden> stored(Set<String> tenants, ChainId chain, long seq, Field field) {
    return Flux.usingWhen(
            connections.create(),
            connection ->
                Flux.from(
                        connection
                            .createStatement(
                                "SELECT canonical, "
                                    + field.word()
                                    + "_value AS value FROM obolus.audit_record"
                                    + " WHERE chain = $1 AND seq = $2 AND tenant = ANY($3)")
                            .bind(0, ByteBuffer.wrap(chain.bytes().toArray()))
                            .bind(1, seq)
                            .bind(2, tenants.toArray(String[]::new))
                            .execute())
                    .concatMap(result -> result.map(row -> hidden(row, tag(field)))),
            Connection::close)
        .next()
        .flatMap(Mono::justOrEmpty);
  }

  private static Optional<Hidden> hidden(Readable row, Tag tag) {
    SequencedMap<String, AuditRecord.Field> fields =
        CanonicalReader.read(LogSession.bytes(row, "canonical").toArray());
    return row.get("value") != null
            && fields.get(tag.label()) instanceof AuditRecord.Field.Committed(Bytes commitment)
            && fields.get(Tag.VALUE_KEYS.label()) instanceof AuditRecord.Field.Text(String names)
        ? Optional.of(new Hidden(LogSession.bytes(row, "value"), commitment, split(names)))
        : Optional.empty();
  }

  private static List<Bytes> split(String hex) {
    List<Bytes> names = new ArrayList<>();
    for (int at = 0; at < hex.length(); at += 64) {
      names.add(Bytes.ofHex(hex.substring(at, at + 64)));
    }
    return names;
  }

  private Mono<Revealed> reveal(ChainId chain, long seq, Tag tag, Hidden value) {
    return table
        .named(value.keys())
        .publishOn(Schedulers.boundedElastic())
        .flatMap(found ->
            found.size() < value.keys().size()
                ? Mono.just(new Revealed.Erased())
                : Mono.fromCallable(() -> open(chain, seq, tag, value, found)));
  }

  private Revealed open(ChainId chain, long seq, Tag tag, Hidden value, List<Stored> found)
      throws IOException {
    Map<Bytes, ValueKey> opened = new HashMap<>();
    for (Stored key : found) {
      ValueKey _ = opened.put(key.name(), unwrap(key));
    }
    List<ValueKey> inOrder =
        value.keys().stream().map(name -> Objects.requireNonNull(opened.get(name))).toList();
    return new SealingKeys(Optional.empty(), inOrder)
        .open(chain, seq, tag.number(), value.sealed().toArray())
        .filter(salted -> Commitments.of(tag, salted).equals(value.commitment()))
        .<Revealed>map(PostgresPersonalValues::value)
        .orElseGet(Revealed.Altered::new);
  }

  private static Revealed value(byte[] salted) {
    return new Revealed.Value(
        new String(salted, SALT, salted.length - SALT, StandardCharsets.UTF_8),
        Bytes.of(Arrays.copyOf(salted, SALT)));
  }

  private ValueKey unwrap(Stored key) throws IOException {
    return ValueKey.unwrap(encryption, key.wrapped(), key.name(), key.handle(), key.period());
  }

  @Override
  public Mono<Erasable> find(Person person, List<String> addresses) {
    return Mono.defer(() -> found(person, addresses));
  }

  private Mono<Erasable> found(Person person, List<String> addresses) {
    Set<Subject> named = new LinkedHashSet<>();
    addresses.forEach(address -> named.add(Subject.email(person.tenant(), address)));
    return Mono.zip(stored(Set.of(Subject.person(person))), stored(named), keys.of(person))
        .flatMap(found ->
            newest(found.getT3())
                .map(newest ->
                    new Erasable(
                        found.getT3(),
                        Stream.concat(found.getT1().stream(), found.getT2().stream())
                            .map(Stored::name)
                            .toList(),
                        Stream.concat(
                                newest.at().stream(),
                                found.getT2().stream().map(PostgresPersonalValues::end))
                            .max(Comparator.naturalOrder()),
                        newest.tenants())));
  }

  private Mono<List<Stored>> stored(Set<Subject> subjects) {
    return Flux.fromIterable(subjects)
        .concatMapIterable(handles::all)
        .concatMap(table::ofSubject)
        .concatMapIterable(stored -> stored)
        .collectList();
  }

  /**
   * Until when records can have been sealed with a key. Which ones were is known of a person only:
   * no column tells the addresses that a record names.
   */
  private static Instant end(Stored key) {
    return YearMonth.of(key.period() / 100, key.period() % 100)
        .plusMonths(1)
        .atDay(1)
        .atStartOfDay(ZoneOffset.UTC)
        .toInstant();
  }

  /** The newest record with somebody as its person, and whose such records are. */
  private record Newest(Optional<Instant> at, Set<String> tenants) {

    static Newest of(Readable row) {
      String[] tenants = row.get("tenants", String[].class);
      return new Newest(
          Optional.ofNullable(row.get("newest", Long.class))
              .map(micros -> Instant.EPOCH.plus(micros, ChronoUnit.MICROS)),
          tenants == null ? Set.of() : Set.of(tenants));
    }
  }

  private Mono<Newest> newest(Optional<String> pseudonym) {
    return Flux.usingWhen(
            connections.create(),
            connection ->
                Flux.from(
                        connection
                            .createStatement(
                                "SELECT max(at_us) AS newest, array_agg(DISTINCT tenant) AS tenants"
                                    + " FROM obolus.audit_record WHERE person = $1")
                            .bind(0, pseudonym.orElse("nobody"))
                            .execute())
                    .concatMap(result -> result.map(Newest::of)),
            Connection::close)
        .next();
  }

  @Override
  public Mono<Boolean> destroy(Receipt erasure) {
    return finish();
  }

  /**
   * Does what any erasure on record leaves to be done: nothing, if none was interrupted. Emits
   * whether the log holds an erasure at all.
   */
  Mono<Boolean> finish() {
    return table
        .destroyErased(encryption::version, encryption::rotate, this::again)
        .doOnNext(gone -> gone.filter(keys -> keys > 0).ifPresent(_ -> keys.forgetAll()))
        .flatMap(gone ->
            gone.isPresent()
                ? table.destroyUnused(encryption::version, this::unwrap, encryption::destroyAllBut)
                : Mono.just(false));
  }

  private KeyEncryption.Wrapped again(Stored key, String version) throws IOException {
    return unwrap(key).wrapWith(version, encryption, key.handle(), key.period());
  }

  private static Tag tag(Field field) {
    return switch (field) {
      case PERSON -> Tag.PERSON_VALUE;
      case STATEMENT -> Tag.STATEMENT;
      case OBLIGATIONS -> Tag.OBLIGATIONS;
      case INPUTS -> Tag.INPUTS;
    };
  }
}
