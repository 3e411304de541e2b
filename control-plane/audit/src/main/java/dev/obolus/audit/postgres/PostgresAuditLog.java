// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Cancelled;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Failed;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.postgres.Appending.Waiter;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * The log in PostgreSQL. Events wait in a bounded queue; one batch at a time is sealed and
 * committed by one {@code COPY}, with no lingering: what has arrived while a batch was under way is
 * the next.
 *
 * <p>Each start opens a chain of its own. When the connection is lost while a commit is under way,
 * its events are refused, the connection is made anew and the chain's head tells what became of
 * them; permits that were written after all are then closed as {@code failed}, never acted upon. A
 * chain that somebody else has moved is left alone, and a new one opened.
 */
public final class PostgresAuditLog implements AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresAuditLog.class);
  private static final String UNAVAILABLE_CODE = "audit_unavailable";
  private static final String NOT_CALLED = "not_called";

  private final EventQueue queue;
  private final int capacity;
  private final Function<AuditEvent, CompletableFuture<ValueSeal>> values;
  private final AtomicInteger withoutKeys = new AtomicInteger();
  private final Duration patience;
  private final Committed committed = new Committed();
  private final HintSender hints;
  private final BatchWriter writer;
  private final LongAdder refused = new LongAdder();
  private volatile Disposable hinting = Disposables.disposed();

  /**
   * @param values what hides an event's personal values
   */
  PostgresAuditLog(
      DatabaseSettings database,
      LogSettings settings,
      ChainKeys keys,
      Function<AuditEvent, CompletableFuture<ValueSeal>> values,
      SecureRandom random,
      Clock clock) {
    this.queue = new EventQueue(settings.queue());
    this.capacity = settings.queue();
    this.patience = settings.patience();
    this.values = values;
    this.hints = new HintSender(Connections.forHints(database));
    this.writer = new BatchWriter(database, settings, keys, random, clock, queue, this);
  }

  /**
   * A log for who records nobody's requests: the log's signer, which also ends the chains of
   * gateways that died. Opening returns at once.
   */
  public static PostgresAuditLog withoutPersons(
      DatabaseSettings database,
      LogSettings settings,
      Keyring keyring,
      SecureRandom random,
      Clock clock) {
    PostgresAuditLog log =
        new PostgresAuditLog(
            database,
            settings,
            new HeldKeys(keyring, random),
            _ -> CompletableFuture.completedFuture(ValueSeal.NONE),
            random,
            clock);
    log.start();
    return log;
  }

  void start() {
    committed.join(hints);
    hinting = hints.start();
    writer.start();
  }

  /** Sends no more hints. */
  void hush() {
    hinting.dispose();
  }

  /** What this log has committed, while it does. */
  Committed committed() {
    return committed;
  }

  @Override
  public Mono<Receipt> append(AuditEvent event) {
    return new Appending(event, this::enqueue);
  }

  @Override
  public void offer(AuditEvent event) {
    if (writer.state() instanceof LogState.Closed) {
      refuse(event);
      return;
    }
    withKeys(event, values -> leave(event, values), _ -> refuse(event));
  }

  private void leave(AuditEvent event, ValueSeal values) {
    if (queue.leave(event, values)) {
      writer.wake();
    } else {
      refuse(event);
    }
  }

  private void refuse(AuditEvent event) {
    refused.increment();
    LOG.atWarn()
        .addKeyValue("tenant", event.tenant())
        .log("audit event refused: nobody waited for it");
  }

  /** How the log stands now. */
  public LogState state() {
    return writer.state();
  }

  /** Whether an append can succeed now. */
  public boolean ready() {
    return state() instanceof LogState.Ready;
  }

  /** How many events somebody waits for that are not sealed yet. */
  public int queued() {
    return queue.waiting();
  }

  /**
   * Whether the month turns in less than three days and the key of its chain is not here: if the
   * log's signer does not answer until then, nothing is served after that.
   */
  public boolean lacksNextKey() {
    return writer.lacksNextKey();
  }

  /** How many offered events the log did not take. */
  public long refusedOffers() {
    return refused.sum();
  }

  /** Writes what is queued and the chain's last record, then ends. Completes in any case. */
  public CompletableFuture<Boolean> close(Duration patience) {
    return writer
        .close()
        .completeOnTimeout(false, patience.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> hush());
  }

  private void enqueue(Waiter waiter) {
    switch (writer.state()) {
      case LogState.Ready _ ->
          withKeys(
              waiter.event(),
              values -> join(waiter.with(values)),
              why -> waiter.fail(new LogUnavailable(why)));
      case LogState.Unavailable _ -> waiter.fail(new LogUnavailable(Cause.DATABASE));
      case LogState.Closed _ -> waiter.fail(new LogUnavailable(Cause.CLOSED));
    }
  }

  /** Its keys may have come after the log was closed: nobody would answer then. */
  private void join(Waiter waiter) {
    if (writer.state() instanceof LogState.Closed) {
      waiter.fail(new LogUnavailable(Cause.CLOSED));
    } else if (queue.join(waiter)) {
      writer.wake();
    } else {
      waiter.fail(new LogUnavailable(Cause.OVERLOADED));
    }
  }

  /**
   * Goes on at once where the keys are known, which is nearly always; else when they are there. So
   * nobody waits for another's key.
   */
  private void withKeys(AuditEvent event, Consumer<ValueSeal> then, Consumer<Cause> otherwise) {
    CompletableFuture<ValueSeal> hidden = values.apply(event);
    if (hidden.isDone() && !hidden.isCompletedExceptionally()) {
      then.accept(hidden.join());
    } else if (withoutKeys.incrementAndGet() > capacity) {
      withoutKeys.decrementAndGet();
      otherwise.accept(Cause.OVERLOADED);
    } else {
      CompletableFuture<Boolean> _ =
          hidden
              .orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS)
              .handle((seal, failure) -> {
                withoutKeys.decrementAndGet();
                if (failure == null) {
                  then.accept(seal);
                } else {
                  LOG.atWarn()
                      .addKeyValue("why", rootOf(failure).getClass().getSimpleName())
                      .log("audit value key unavailable");
                  otherwise.accept(Cause.DATABASE);
                }
                return true;
              });
    }
  }

  private static Throwable rootOf(Throwable failure) {
    return failure.getCause() == null ? failure : rootOf(failure.getCause());
  }

  /** A permit whose waiter had gone when it became durable: nobody will act on it. */
  void nobodyWaited(AuditEvent event, Receipt receipt) {
    permit(event)
        .ifPresent(
            permit -> offer(new Cancelled(Conclusion.untouched(permit, receipt), NOT_CALLED)));
  }

  /** A permit that was refused to its waiter and was found written afterwards. */
  void foundLater(AuditEvent event, Receipt receipt) {
    permit(event)
        .ifPresent(permit ->
            offer(
                new Failed(
                    Conclusion.untouched(permit, receipt), UNAVAILABLE_CODE, false, NOT_CALLED)));
  }

  private static Optional<Decided> permit(AuditEvent event) {
    return event instanceof Decided decided && decided.effect().equals("allow")
        ? Optional.of(decided)
        : Optional.empty();
  }
}
