// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.databricks.StatementApi.Answer;
import dev.obolus.connector.databricks.StatementApi.Call;
import dev.obolus.connector.sql.BoundStatement;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * One statement from submission to its last row.
 *
 * <p>Guarantees: a statement that was sent is never abandoned. Whoever stops waiting, a caller who
 * hangs up or a deadline, the submission goes on until its id is known, and the statement is then
 * cancelled at the source with the token in hand.
 */
final class StatementRun {
  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
  private static final Duration TO_STOP = Duration.ofSeconds(15);
  private static final int LARGEST_ANSWER = 26 * 1024 * 1024;
  private static final int TROUBLES = 5;

  private final StatementApi api;
  private final BoundStatement statement;
  private final AuthorizedRequest request;
  private final Consumer<String> upstream;
  private volatile @Nullable Mono<Answer> submission;
  private volatile boolean finished;
  private volatile boolean perhapsThere;

  /**
   * @param upstream is told of each id that the source gives, the statement's own included
   */
  StatementRun(
      StatementApi api,
      BoundStatement statement,
      AuthorizedRequest request,
      Consumer<String> upstream) {
    this.api = api;
    this.statement = statement;
    this.request = request;
    this.upstream = upstream;
  }

  /** Runs it; a second time, after a claims challenge, where it stands. */
  Mono<ConnectorResult> run(DelegatedToken token) {
    Call call = new Call(token, request.correlation(), answerLimit(), upstream);
    return Mono.usingWhen(
        Mono.just(call), this::finishInTime, _ -> Mono.empty(), (_, _) -> Mono.empty(), this::stop);
  }

  private Mono<ConnectorResult> finishInTime(Call call) {
    return gather(call)
        .timeout(ownDeadline(), Mono.defer(() -> stop(call).map(this::timedOut)))
        .onErrorResume(
            SourceFailure.class, failure -> stop(call).map(state -> failed(failure, state)));
  }

  /** A little before the whole call's deadline, so that there is time to stop the statement. */
  private Duration ownDeadline() {
    return request.deadline().multipliedBy(9).dividedBy(10);
  }

  private Mono<ConnectorResult> gather(Call call) {
    return submitted(call)
        .flatMap(answer -> await(answer, call, FIRST_WAIT, 0))
        .map(StatementState::requireSuccess)
        .flatMap(answer -> rows(answer, call));
  }

  private Mono<Answer> submitted(Call call) {
    Mono<Answer> earlier = submission;
    if (earlier != null) {
      return earlier.flatMap(answer -> note(answer, api.poll(id(answer), call)));
    }
    // Cached: whoever cancels, the exchange itself goes on until the id is known.
    Mono<Answer> sent =
        api.submit(statement, byteLimit(), request.permit().decisionId(), call)
            .doOnNext(answer -> upstream.accept(id(answer).value()))
            .cache();
    submission = sent;
    return sent.doOnError(this::forget);
  }

  /** What was refused at the door is not at the source; of anything else nobody knows. */
  private void forget(Throwable fault) {
    submission = null;
    perhapsThere = perhapsThere || !refusedAtTheDoor(fault);
  }

  private static boolean refusedAtTheDoor(Throwable fault) {
    return fault instanceof DelegatedAccess.SourceChallenge
        || (fault instanceof SourceFailure refused
            && !(refused.failure() instanceof ConnectorFailure.TimedOut)
            && !(refused.failure() instanceof ConnectorFailure.Unavailable));
  }

  private Mono<Answer> await(Answer answer, Call call, Duration wait, int troubles) {
    if (!StatementState.of(answer).isUnderWay()) {
      finished = true;
      return Mono.just(answer);
    }
    StatementId id = id(answer);
    return Mono.delay(wait)
        .then(Mono.defer(() -> note(answer, api.poll(id, call))))
        .map(next -> new Polled(next, 0))
        .onErrorResume(
            SourceFailure.class,
            failure ->
                troubles < TROUBLES && isPassing(failure.failure())
                    ? Mono.just(new Polled(answer, troubles + 1))
                    : Mono.error(failure))
        .flatMap(polled -> await(polled.answer(), call, longer(wait), polled.troubles()));
  }

  private record Polled(Answer answer, int troubles) {}

  private static boolean isPassing(ConnectorFailure failure) {
    return failure instanceof ConnectorFailure.Throttled
        || failure instanceof ConnectorFailure.Unavailable;
  }

  private static Duration longer(Duration wait) {
    Duration next = wait.multipliedBy(3).dividedBy(2);
    return next.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : next;
  }

  private Mono<ConnectorResult> rows(Answer answer, Call call) {
    var rows = new GatheredRows(statement, answer.body().path("manifest"));
    return take(rows, answer.body().path("result"), id(answer), 0, call).map(this::served);
  }

  private Mono<GatheredRows> take(
      GatheredRows rows, JsonNode result, StatementId id, int at, Call call) {
    OptionalInt next = rows.take(result);
    if (next.isEmpty()) {
      return Mono.just(rows);
    }
    if (next.getAsInt() != at + 1) {
      return Mono.error(() -> new SourceFailure(new ConnectorFailure.Malformed("chunk")));
    }
    return api.chunk(id, at + 1, call)
        .flatMap(answer -> take(rows, answer.body(), id, at + 1, call));
  }

  /** Cancels at the source whatever may still run there. */
  private Mono<SourceState> stop(Call call) {
    Mono<Answer> sent = submission;
    if (sent == null) {
      return Mono.just(perhapsThere ? SourceState.UNKNOWN : SourceState.NOT_CALLED);
    }
    return sent.flatMap(answer -> stop(answer, call))
        .timeout(TO_STOP)
        .onErrorResume(_ -> Mono.just(SourceState.UNKNOWN));
  }

  private Mono<SourceState> stop(Answer submitted, Call call) {
    if (finished || !StatementState.of(submitted).isUnderWay()) {
      return Mono.just(SourceState.FINISHED);
    }
    return api.cancel(id(submitted), call).thenReturn(SourceState.STOPPED);
  }

  private ConnectorResult served(GatheredRows rows) {
    return new ConnectorResult.Rows(
        rows.columns(),
        rows.rows(),
        rows.isTruncated(),
        new ConnectorResult.Usage(rows.rows().size(), rows.bytes()));
  }

  private ConnectorResult timedOut(SourceState state) {
    return new ConnectorResult.Failed(
        new ConnectorFailure.TimedOut(state), ConnectorResult.Usage.NONE);
  }

  private ConnectorResult failed(SourceFailure failure, SourceState state) {
    return failure.failure() instanceof ConnectorFailure.TimedOut
        ? timedOut(state)
        : new ConnectorResult.Failed(failure.failure(), ConnectorResult.Usage.NONE);
  }

  private Mono<Answer> note(Answer before, Mono<Answer> exchange) {
    return exchange.doOnNext(answer -> {
      if (!id(answer).equals(id(before))) {
        throw new SourceFailure(new ConnectorFailure.Malformed("statement_id"));
      }
    });
  }

  private static StatementId id(Answer answer) {
    return new StatementId(answer.body().path("statement_id").asString(""));
  }

  private long byteLimit() {
    return Math.min(statement.limits().bytes(), LARGEST_ANSWER);
  }

  /** Values are strings in JSON arrays: quotes, commas and escapes come on top. */
  private int answerLimit() {
    return (int) Math.min(LARGEST_ANSWER, 256 * 1024 + 8 * byteLimit());
  }
}
