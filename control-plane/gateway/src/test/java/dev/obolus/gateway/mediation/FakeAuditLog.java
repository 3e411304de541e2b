// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A log in memory that keeps the promises of the port: an event is taken when it is subscribed to,
 * whatever the subscriber does, and a permit whose subscriber has gone at the commit gets its
 * {@code Cancelled} from the log.
 */
final class FakeAuditLog implements AuditLog {
  private static final ChainId CHAIN = ChainId.parse("0c".repeat(16));

  final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  final List<String> trail;
  Predicate<AuditEvent> down = _ -> false;
  Predicate<AuditEvent> silent = _ -> false;
  Predicate<AuditEvent> held = _ -> false;
  private final List<Runnable> waiting = new CopyOnWriteArrayList<>();

  FakeAuditLog(List<String> trail) {
    this.trail = trail;
  }

  @Override
  public Mono<Receipt> append(AuditEvent event) {
    if (down.test(event)) {
      return Mono.error(new LogUnavailable(LogUnavailable.Cause.DATABASE));
    }
    if (silent.test(event)) {
      return Mono.empty();
    }
    return Mono.create(sink -> take(event, sink));
  }

  @Override
  public synchronized void offer(AuditEvent event) {
    var _ = commit(event);
  }

  /** Commits what was held. */
  void release() {
    held = _ -> false;
    waiting.forEach(Runnable::run);
    waiting.clear();
  }

  <T extends AuditEvent> List<T> of(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private void take(AuditEvent event, MonoSink<Receipt> sink) {
    var alive = new boolean[] {true};
    sink.onCancel(() -> alive[0] = false);
    Runnable commit =
        () -> {
          Receipt receipt = commit(event);
          if (alive[0]) {
            sink.success(receipt);
          } else if (event instanceof AuditEvent.Decided decided
              && decided.effect().equals("allow")) {
            var _ =
                commit(
                    new AuditEvent.Cancelled(
                        AuditEvent.Conclusion.untouched(decided, receipt), "not_called"));
          }
        };
    if (held.test(event)) {
      waiting.add(commit);
    } else {
      commit.run();
    }
  }

  private synchronized Receipt commit(AuditEvent event) {
    events.add(event);
    trail.add(event.getClass().getSimpleName());
    return new Receipt(CHAIN, events.size(), "%064x".formatted(events.size()));
  }
}
