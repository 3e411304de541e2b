// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.postgres.Succession.Left;
import dev.obolus.audit.postgres.Succession.Slice;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** What a successor asks the database about chains that others have left, and does to them. */
final class LeftChains {
  private final LogSession session;
  private final PostgresqlConnection connection;

  LeftChains(LogSession session, PostgresqlConnection connection) {
    this.session = session;
    this.connection = connection;
  }

  /**
   * The chains that no session holds and that have no end, or may have permits without an outcome;
   * some of them if many, those without an end first.
   */
  Mono<List<Left>> unheld() {
    return connection
        .createStatement(
            """
            SELECT chain, seq, mac, ended, answered_from
              FROM (SELECT * FROM obolus.audit_head WHERE answered_from > 1
                     ORDER BY ended, opened_at DESC LIMIT 200) AS left_over
             WHERE NOT obolus.audit_chain_held(chain)
            """)
        .execute()
        .concatMap(result -> result.map(LeftChains::left))
        .collectList();
  }

  /** The permits without an outcome in a part of a chain. */
  Mono<List<Succession.Permit>> openPermits(Slice slice) {
    return connection
        .createStatement(
            """
            SELECT seq, key_id, canonical, leaf, prev_mac, mac FROM obolus.audit_record permit
             WHERE chain = $1 AND seq >= $2 AND seq < $3 AND code = 'OBO1001A'
               AND NOT EXISTS (SELECT FROM obolus.audit_record outcome
                                WHERE outcome.decision_id = permit.decision_id
                                  AND outcome.event IN ('served', 'failed', 'cancelled'))
             ORDER BY seq
            """)
        .bind("$1", id(slice.left().head().chain()))
        .bind("$2", slice.from())
        .bind("$3", slice.to())
        .execute()
        .concatMap(result -> result.map(LeftChains::permit))
        .collectList();
  }

  /**
   * Ends the chain if it has no end, and commits what is said of it and that it was looked through
   * so far, all or nothing; emits false if somebody else has done so, or holds it.
   */
  Mono<Boolean> takeOver(Slice slice, Batch said) {
    Mono<Boolean> all =
        end(slice.left())
            .flatMap(first -> first ? answered(slice) : Mono.just(false))
            .flatMap(first -> first ? say(said) : Mono.just(false))
            .flatMap(done -> session.commit().thenReturn(done));
    return connection
        .beginTransaction()
        .then(all)
        .onErrorResume(failure ->
            connection
                .rollbackTransaction()
                .onErrorMap(rollback -> suppressing(failure, rollback))
                .then(Mono.error(failure)));
  }

  private Mono<Boolean> say(Batch said) {
    return said.records().isEmpty() ? Mono.just(true) : session.add(said.rows()).thenReturn(true);
  }

  /** The session is given up anyway; what went wrong first is what is told. */
  private static Throwable suppressing(Throwable failure, Throwable rollback) {
    failure.addSuppressed(rollback);
    return failure;
  }

  private Mono<Boolean> end(Left left) {
    return left.ended()
        ? yes(
            connection
                .createStatement("SELECT NOT obolus.audit_chain_held($1)")
                .bind("$1", id(left.head().chain())))
        : yes(
            connection
                .createStatement("SELECT obolus.audit_end_chain($1, $2, $3)")
                .bind("$1", id(left.head().chain()))
                .bind("$2", left.head().seq())
                .bind("$3", ByteBuffer.wrap(left.head().mac().toArray())));
  }

  private Mono<Boolean> answered(Slice slice) {
    return answered(slice.left().head().chain(), slice.left().answeredFrom(), slice.from());
  }

  /** Writes down that each permit of an ended chain has an outcome. */
  Mono<Boolean> answered(ChainId chain) {
    return answered(chain, Long.MAX_VALUE, 1);
  }

  private Mono<Boolean> answered(ChainId chain, long before, long after) {
    return yes(
        connection
            .createStatement("SELECT obolus.audit_permits_answered($1, $2, $3)")
            .bind("$1", id(chain))
            .bind("$2", before)
            .bind("$3", after));
  }

  private static Mono<Boolean> yes(io.r2dbc.postgresql.api.PostgresqlStatement asked) {
    return asked
        .execute()
        .concatMap(result -> result.map(row -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
        .single();
  }

  private static ByteBuffer id(ChainId chain) {
    return ByteBuffer.wrap(chain.bytes().toArray());
  }

  private static Left left(Readable row) {
    return new Left(
        LogSession.head(row),
        Boolean.TRUE.equals(row.get("ended", Boolean.class)),
        Objects.requireNonNull(row.get("answered_from", Long.class)));
  }

  private static Succession.Permit permit(Readable row) {
    return new Succession.Permit(
        Objects.requireNonNull(row.get("seq", Long.class)),
        Objects.requireNonNull(row.get("key_id", String.class)),
        LogSession.bytes(row, "canonical"),
        LogSession.bytes(row, "leaf"),
        LogSession.bytes(row, "prev_mac"),
        LogSession.bytes(row, "mac"));
  }
}
