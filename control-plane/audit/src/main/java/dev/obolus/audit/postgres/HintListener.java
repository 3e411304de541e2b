// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Listens for hints on a session of its own, one for all followers of this process, for as long as
 * somebody follows. Whether a hint arrives is nobody's to rely on: through a pooler in transaction
 * mode none does, and a session may be gone without a word.
 */
final class HintListener {
  private static final Logger LOG = LoggerFactory.getLogger(HintListener.class);
  private static final Duration PROBING = Duration.ofSeconds(30);
  private static final Duration PROBE = Duration.ofSeconds(5);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  private final Flux<Hint> hints;
  private volatile boolean heard;

  HintListener(PostgresqlConnectionFactory connections) {
    this.hints =
        Flux.usingWhen(connections.create(), this::listen, PostgresqlConnection::close)
            .doOnTerminate(() -> heard = false)
            .doOnCancel(() -> heard = false)
            .doOnError(HintListener::lost)
            .retryWhen(
                Retry.backoff(Long.MAX_VALUE, FIRST_RETRY)
                    .maxBackoff(LAST_RETRY)
                    .transientErrors(true))
            .share();
  }

  /** Never ends; what was notified while there was no session is not told. */
  Flux<Hint> hints() {
    return hints;
  }

  /** Whether the present session has brought a hint. */
  boolean heard() {
    return heard;
  }

  private Flux<Hint> listen(PostgresqlConnection connection) {
    return connection
        .createStatement("LISTEN " + Hint.CHANNEL)
        .execute()
        .concatMap(result -> result.getRowsUpdated())
        .thenMany(Flux.merge(notified(connection), probed(connection)));
  }

  private Flux<Hint> notified(PostgresqlConnection connection) {
    return connection
        .getNotifications()
        .concatMap(notified -> Mono.justOrEmpty(hint(notified)))
        .doOnNext(_ -> heard = true)
        .concatWith(Mono.error(() -> new IllegalStateException("the session has ended")));
  }

  private static Optional<Hint> hint(Notification notified) {
    return Hint.parse(Objects.requireNonNullElse(notified.getParameter(), ""));
  }

  /** Emits nothing; fails when the session does not answer. */
  private static Flux<Hint> probed(PostgresqlConnection connection) {
    return Flux.interval(PROBING)
        .onBackpressureDrop()
        .concatMap(_ -> answers(connection).timeout(PROBE), 1)
        .concatMap(_ -> Flux.empty());
  }

  private static Mono<Boolean> answers(PostgresqlConnection connection) {
    return connection
        .createStatement("SELECT true")
        .execute()
        .concatMap(result -> result.map(row -> true))
        .then(Mono.just(true));
  }

  private static void lost(Throwable failure) {
    LOG.atDebug()
        .addKeyValue("why", failure.getClass().getSimpleName())
        .log("no hints until the next session");
  }
}
