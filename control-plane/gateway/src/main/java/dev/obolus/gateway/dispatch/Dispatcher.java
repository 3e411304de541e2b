// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.Dispatched.Failed;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Runs an authorized request within its bounds.
 *
 * <p>Guarantees: emits exactly one value and never an error; an exception, an empty source and a
 * passed deadline are failures. When the deadline passes or the subscriber goes, the connector's
 * work is cancelled. At most as many calls as configured are under way per connector; the next one
 * is refused at once, without touching the source.
 */
public final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Map<ConnectorId, Semaphore> bulkheads = new ConcurrentHashMap<>();
  private final int concurrency;

  /**
   * @param concurrency calls under way at most, per connector
   */
  public Dispatcher(int concurrency) {
    if (concurrency < 1) {
      throw new IllegalArgumentException("at least one call at a time");
    }
    this.concurrency = concurrency;
  }

  /**
   * @param access made when the call starts, and not before
   * @param contact is told whether the source was touched; ask it after a cancellation
   */
  public Mono<Dispatched> run(
      Connector connector,
      AuthorizedRequest request,
      Supplier<DelegatedAccess> access,
      SourceContact contact) {
    return Mono.defer(() -> {
      Semaphore bulkhead =
          bulkheads.computeIfAbsent(connector.id(), _ -> new Semaphore(concurrency));
      return bulkhead.tryAcquire()
          ? bounded(connector, request, access, contact).doFinally(_ -> bulkhead.release())
          : Mono.just(overloaded());
    });
  }

  private static Mono<Dispatched> bounded(
      Connector connector,
      AuthorizedRequest request,
      Supplier<DelegatedAccess> access,
      SourceContact contact) {
    return Mono.defer(() -> connector.execute(request, contact.watch(access.get())))
        .switchIfEmpty(Mono.error(EmptySource::new))
        .timeout(request.deadline())
        .<Dispatched>map(result -> translate(result, request, contact))
        .onErrorResume(fault -> Mono.just(translate(fault, request, contact)));
  }

  private static Dispatched translate(
      ConnectorResult result, AuthorizedRequest request, SourceContact contact) {
    if (finished(result)) {
      contact.answered();
    }
    return switch (result) {
      case ConnectorResult.Rows rows -> new Dispatched.Answered(Bounds.cut(rows, request.limits()));
      case ConnectorResult.Replan(var plan, Usage usage) -> new Dispatched.Replanned(plan, usage);
      case ConnectorResult.Failed(ConnectorFailure failure, Usage usage) ->
          Failures.bySource(failure, contact.state(), usage);
    };
  }

  /** Whether the source is known to have ended its work. */
  private static boolean finished(ConnectorResult result) {
    return switch (result) {
      case ConnectorResult.Rows _, ConnectorResult.Replan _ -> true;
      case ConnectorResult.Failed(ConnectorFailure failure, _) ->
          !(failure instanceof ConnectorFailure.Unavailable
              || failure instanceof ConnectorFailure.TimedOut);
    };
  }

  private static Dispatched translate(
      Throwable fault, AuthorizedRequest request, SourceContact contact) {
    SourceState state = contact.state();
    return switch (fault) {
      case AccessRefused refused ->
          Failures.onTheWay(refused.failure(), state, Usage.NONE).with(refused.exchange());
      case SourceChallenge challenge ->
          Failures.onTheWay(
              new ConnectorFailure.ChallengeRequired(challenge.claims()), state, Usage.NONE);
      case TimeoutException _ ->
          Failures.onTheWay(new ConnectorFailure.TimedOut(state), state, Usage.NONE);
      default -> fault(fault, request, state);
    };
  }

  private static Dispatched fault(Throwable fault, AuthorizedRequest request, SourceState state) {
    // The message may quote a statement or a value, so the kind and the place only.
    LOG.atError()
        .addKeyValue("decision", request.permit().decisionId())
        .addKeyValue("fault", fault.getClass().getName())
        .addKeyValue("at", place(fault))
        .log("a connector failed in a way it does not name");
    return Failed.of(ErrorCode.INTERNAL, false, state, Usage.NONE);
  }

  private static String place(Throwable fault) {
    StackTraceElement[] trace = fault.getStackTrace();
    return trace.length == 0 ? "-" : trace[0].toString();
  }

  private static Dispatched overloaded() {
    return Failed.of(ErrorCode.OVERLOADED, false, SourceState.NOT_CALLED, Usage.NONE);
  }

  /** A connector that answers nothing at all is broken. */
  private static final class EmptySource extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EmptySource() {
      super("the connector answered nothing", null, false, false);
    }
  }
}
