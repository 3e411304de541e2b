// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the views, which hold no personal value. */
final class PostgresAuditReader implements AuditReader {
  private static final int MOST = 200;
  private static final String SELECT =
      "SELECT " + RecordRow.COLUMNS + " FROM obolus.audit_log WHERE ";

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
  public Mono<List<AuditRecord>> newest(Set<String> tenants, Query query, int limit) {
    Conditions conditions =
        new Conditions()
            .tenants(tenants)
            .in("event", query.events())
            .in("effect", query.effects())
            .in("person", query.persons())
            .in("client", query.clients())
            .in("connector", query.connectors())
            .overlaps("resources", query.resources())
            .overlaps("reasons", query.reasons());
    query.from().ifPresent(from -> conditions.add("at_us >= ", micros(from)));
    query.before().ifPresent(before -> conditions.add("at_us < ", micros(before)));
    int bounded = Math.clamp(limit, 1, MOST);
    return records(conditions, " ORDER BY at_us DESC, chain, seq DESC LIMIT " + bounded)
        .collectList();
  }

  @Override
  public Mono<Map<ChainId, Long>> heads() {
    return with(connection ->
            Flux.from(
                    connection
                        .createStatement("SELECT chain, seq FROM obolus.audit_chain")
                        .execute())
                .concatMap(result ->
                    result.map(row ->
                        Map.entry(
                            new ChainId(LogSession.bytes(row, "chain")),
                            Objects.requireNonNull(row.get("seq", Long.class))))))
        .collectMap(Map.Entry::getKey, Map.Entry::getValue);
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
        Flux.from(conditions.statement(connection, order).execute())
            .concatMap(result -> result.map(RecordRow::read)));
  }

  private <T> Flux<T> with(java.util.function.Function<Connection, Flux<T>> use) {
    return Flux.usingWhen(connections.create(), use, Connection::close);
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  /** AND-ed conditions with bound values. */
  private static final class Conditions {
    private final List<String> parts = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    Conditions tenants(Set<String> tenants) {
      Set<String> visible = new HashSet<>(tenants);
      visible.add("-");
      return in("tenant", visible);
    }

    @CanIgnoreReturnValue
    Conditions add(String condition, Object value) {
      values.add(value);
      parts.add(condition + "$" + values.size());
      return this;
    }

    Conditions in(String column, Set<String> wanted) {
      if (!wanted.isEmpty()) {
        values.add(wanted.toArray(String[]::new));
        parts.add(column + " = ANY($" + values.size() + ")");
      }
      return this;
    }

    Conditions overlaps(String column, Set<String> wanted) {
      return wanted.isEmpty() ? this : add(column + " && ", wanted.toArray(String[]::new));
    }

    Statement statement(Connection connection, String order) {
      Statement statement =
          connection.createStatement(SELECT + String.join(" AND ", parts) + order);
      for (int i = 0; i < values.size(); i++) {
        Statement _ = statement.bind(i, values.get(i));
      }
      return statement;
    }
  }
}
