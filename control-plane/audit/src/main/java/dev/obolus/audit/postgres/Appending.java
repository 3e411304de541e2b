// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.ValueSeal;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * An append as a publisher. The subscriber is told, or is known to have gone: one or the other,
 * decided by one compare-and-set, so that a receipt is never lost between the two.
 */
final class Appending extends Mono<Receipt> {
  private final AuditEvent event;
  private final Consumer<Waiter> queue;

  Appending(AuditEvent event, Consumer<Waiter> queue) {
    this.event = event;
    this.queue = queue;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Receipt> subscriber) {
    Waiter waiter = new Waiter(event, subscriber, System.nanoTime());
    subscriber.onSubscribe(waiter);
    queue.accept(waiter);
  }

  /** One event on its way into the log. */
  static final class Waiter implements Subscription {
    private enum State {
      WAITING,
      TOLD,
      GONE
    }

    private final AuditEvent event;
    private final CoreSubscriber<? super Receipt> subscriber;
    private final long since;
    private volatile ValueSeal values = ValueSeal.NONE;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    Waiter(AuditEvent event, CoreSubscriber<? super Receipt> subscriber, long since) {
      this.event = event;
      this.subscriber = subscriber;
      this.since = since;
    }

    AuditEvent event() {
      return event;
    }

    /** What hides the event's personal values. */
    ValueSeal values() {
      return values;
    }

    @CanIgnoreReturnValue
    Waiter with(ValueSeal seal) {
      values = seal;
      return this;
    }

    boolean olderThan(long nanos) {
      return System.nanoTime() - since > nanos;
    }

    /** Hands over the receipt, or what to do for a subscriber that has gone. */
    void tell(Receipt receipt, BiConsumer<AuditEvent, Receipt> ifGone) {
      if (state.compareAndSet(State.WAITING, State.TOLD)) {
        subscriber.onNext(receipt);
        subscriber.onComplete();
      } else {
        ifGone.accept(event, receipt);
      }
    }

    void fail(Throwable failure) {
      if (state.compareAndSet(State.WAITING, State.TOLD)) {
        subscriber.onError(failure);
      }
    }

    /** As {@link #tell}, elsewhere: what follows an answer must not hold up who gives it. */
    void tellLater(Receipt receipt, BiConsumer<AuditEvent, Receipt> ifGone) {
      later(() -> tell(receipt, ifGone));
    }

    /** As {@link #fail}, elsewhere. */
    void failLater(Throwable failure) {
      later(() -> fail(failure));
    }

    private static void later(Runnable answer) {
      Schedulers.parallel().schedule(answer);
    }

    @Override
    public void request(long n) {
      // one value at most, wanted by whoever subscribes
    }

    @Override
    public void cancel() {
      state.compareAndSet(State.WAITING, State.GONE);
    }
  }
}
