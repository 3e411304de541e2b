// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the views, which hold no personal value. */
final class PostgresAuditReader implements AuditReader {
  private static final int MOST = 200;
  private static final String SELECT =
      "SELECT " + RecordRow.COLUMNS + " FROM obolus.audit_log WHERE ";

  private static final String PLACES = "SELECT chain, seq, ended FROM obolus.audit_chain";

  private final ConnectionFactory connections;

  PostgresAuditReader(ConnectionFactory connections) {
    this.connections = connections;
  }

  @Override
  public Mono<Optional<AuditRecord>> find(Set<String> tenants, ChainId chain, long seq) {
    return records(
            new Conditions()
                .tenants(tenants)
                .add("chain = ", ByteBuffer.wrap(chain.bytes().toArray()))
                .add("seq = ", seq),
            "")
        .filter(record -> tenants.containsAll(record.tenants()))
        .next()
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty());
  }

  @Override
  public Mono<List<AuditRecord>> ofDecision(Set<String> tenants, String decisionId) {
    return records(
            new Conditions().tenants(tenants).add("decision_id = ", decisionId),
            " ORDER BY at_us, chain, seq LIMIT " + MOST)
        .collectList();
  }

  @Override
  public Mono<Page> search(Set<String> tenants, Query query, Page.Start start, int limit) {
    return with(connection ->
            LogSearch.of(connection, tenants, query, start, Math.clamp(limit, 1, MOST)).flux())
        .next();
  }

  @Override
  public Mono<Map<ChainId, Long>> heads() {
    return places()
        .map(places ->
            places.stream().collect(Collectors.toUnmodifiableMap(Place::chain, Place::seq)));
  }

  /**
   * Where a chain is.
   *
   * @param ended whether it takes nothing more
   */
  record Place(ChainId chain, long seq, boolean ended) {
    private static Place read(Readable row) {
      return new Place(
          new ChainId(LogSession.bytes(row, "chain")),
          Objects.requireNonNull(row.get("seq", Long.class)),
          Boolean.TRUE.equals(row.get("ended", Boolean.class)));
    }
  }

  /** Where all chains are. */
  Mono<List<Place>> places() {
    return with(connection ->
            Flux.from(connection.createStatement(PLACES).execute())
                .concatMap(result -> result.map(Place::read)))
        .collectList();
  }

  /** Where these chains are, those that may still grow, and those opened within ten minutes. */
  Mono<List<Place>> placesOf(Collection<ChainId> chains) {
    String[] ids = chains.stream().map(ChainId::toString).toArray(String[]::new);
    return with(connection ->
            Flux.from(
                    connection
                        .createStatement(
                            PLACES
                                + " WHERE NOT ended OR opened_at >= now() - interval '10 minutes'"
                                + " OR chain = ANY (ARRAY("
                                + "SELECT decode(id, 'hex') FROM unnest($1::text[]) AS id))")
                        .bind("$1", ids)
                        .execute())
                .concatMap(result -> result.map(Place::read)))
        .collectList();
  }

  /** The records of a chain after this one, in order, at most so many. */
  Flux<AuditRecord> after(ChainId chain, long seq, int limit) {
    return records(
        new Conditions()
            .add("chain = ", ByteBuffer.wrap(chain.bytes().toArray()))
            .add("seq > ", seq),
        " ORDER BY seq LIMIT " + limit);
  }

  private Flux<AuditRecord> records(Conditions conditions, String order) {
    return with(connection ->
        Flux.from(conditions.statement(connection, SELECT, order).execute())
            .concatMap(result -> result.map(RecordRow::read)));
  }

  private <T> Flux<T> with(java.util.function.Function<Connection, Flux<T>> use) {
    return Flux.usingWhen(connections.create(), use, Connection::close);
  }
}
