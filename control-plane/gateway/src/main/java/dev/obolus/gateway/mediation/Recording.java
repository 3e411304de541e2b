// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Receipt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Appends to the log; a log that fails, or says nothing, is a value too. */
final class Recording {
  private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

  private final AuditLog log;

  Recording(AuditLog log) {
    this.log = log;
  }

  /** What became of appending. */
  sealed interface Recorded {
    record Kept(Receipt receipt) implements Recorded {}

    record Lost() implements Recorded {}
  }

  /** Appends a permit. Cancelling is seen by the log, which then seals that the caller hung up. */
  Mono<Recorded> permit(AuditEvent.Decided permit) {
    return appended(permit);
  }

  /** Appends whatever becomes of the subscriber. */
  Mono<Recorded> regardless(AuditEvent event) {
    return Mono.defer(() -> Mono.fromFuture(appended(event).toFuture(), true));
  }

  /** Appends without waiting, for a caller who has hung up. */
  void offer(AuditEvent event) {
    log.offer(event);
  }

  private Mono<Recorded> appended(AuditEvent event) {
    return Mono.defer(() -> log.append(event))
        .<Recorded>map(Recorded.Kept::new)
        .onErrorResume(fault -> Mono.just(lost(fault)))
        .defaultIfEmpty(new Recorded.Lost());
  }

  private static Recorded lost(Throwable fault) {
    LOG.atWarn()
        .addKeyValue("fault", fault.getClass().getSimpleName())
        .addKeyValue("cause", fault instanceof AuditLog.LogUnavailable down ? down.why() : "-")
        .log("the audit log took no record");
    return new Recorded.Lost();
  }
}
