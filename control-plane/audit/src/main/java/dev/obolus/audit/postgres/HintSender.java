// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.SealedRecord;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Notifies whoever listens that a chain has grown: after the commit, on a connection of its own,
 * ten times a second at most. Nobody waits for it, and what it cannot send is not sent: followers
 * ask by themselves.
 */
final class HintSender implements Committed.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HintSender.class);
  private static final Duration APART = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(2);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  private final ConnectionFactory connections;
  private final Bell bell = new Bell();
  private volatile Optional<Hint> newest = Optional.empty();

  HintSender(ConnectionFactory connections) {
    this.connections = connections;
  }

  @Override
  public void committed(ChainId chain, List<SealedRecord> records) {
    newest = Optional.of(new Hint(chain, records.getLast().seq()));
    bell.ring();
  }

  /** A process edge: from the log's opening to its end. */
  Disposable start() {
    return sessions()
        .subscribe(_ -> {}, fault -> LOG.atError().setCause(fault).log("hints stopped"));
  }

  private Flux<Boolean> sessions() {
    return Flux.usingWhen(Mono.from(connections.create()), this::send, HintSender::close)
        .doOnError(this::again)
        .retryWhen(
            Retry.backoff(Long.MAX_VALUE, FIRST_RETRY)
                .maxBackoff(LAST_RETRY)
                .transientErrors(true));
  }

  private static Mono<Void> close(io.r2dbc.spi.Connection connection) {
    return Mono.from(connection.close());
  }

  private Flux<Boolean> send(io.r2dbc.spi.Connection connection) {
    return bell.next()
        .flatMap(_ -> send((PostgresqlConnection) connection))
        .then(Mono.delay(APART).thenReturn(true))
        .repeat();
  }

  private Mono<Boolean> send(PostgresqlConnection connection) {
    return Mono.justOrEmpty(newest)
        .flatMap(hint ->
            connection
                .createStatement("SELECT pg_notify($1, $2)")
                .bind("$1", Hint.CHANNEL)
                .bind("$2", hint.text())
                .execute()
                .concatMap(result -> result.map(row -> true))
                .then(Mono.just(true)))
        .timeout(LONGEST);
  }

  /** What could not be sent is sent once there is a connection. */
  private void again(Throwable failure) {
    LOG.atDebug()
        .addKeyValue("why", failure.getClass().getSimpleName())
        .log("no hints until the next connection");
    bell.ring();
  }
}
