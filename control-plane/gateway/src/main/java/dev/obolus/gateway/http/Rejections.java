// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Counts those who were refused without a record of their own, and seals the counts: one record an
 * interval, none where there is nothing to tell, the last one while shutting down. Strangers cannot
 * grow the log, and cannot be kept out of it.
 */
public final class Rejections implements SmartLifecycle {
  /** Stops after the web server (which stops at the default phase less 2048), before the log. */
  private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(Rejections.class);

  private final AuditLog log;
  private final InstantSource clock;
  private final Duration interval;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final Disposable.Swap ticking = Disposables.swap();
  private Instant since;

  Rejections(AuditLog log, InstantSource clock, Duration interval) {
    this.log = log;
    this.clock = clock;
    this.interval = interval;
    this.since = clock.instant();
  }

  /**
   * @param code a fixed word of ours: there are only so many of them
   */
  public void count(String code) {
    counts.computeIfAbsent(code, _ -> new LongAdder()).increment();
  }

  /**
   * Seals what was counted; where the log takes nothing, the counts stay for the next time. Counts
   * of unknown fate are the log's: it finds them written, or writes them.
   */
  Mono<Boolean> seal() {
    return Mono.defer(() -> {
      Instant until = clock.instant();
      Map<String, Long> taken = take();
      return taken.isEmpty()
          ? Mono.just(false)
          : log.append(new AuditEvent.Rejected(since, until, taken))
              .map(receipt -> begin(until))
              .onErrorResume(
                  AuditLog.LogUnavailable.class,
                  gone ->
                      gone.why() == Cause.UNKNOWN_COMMIT
                          ? Mono.just(begin(until))
                          : giveBack(taken));
    });
  }

  private Map<String, Long> take() {
    Map<String, Long> taken = new TreeMap<>();
    counts.forEach((code, count) -> {
      long number = count.sumThenReset();
      if (number > 0) {
        taken.put(code, number);
      }
    });
    return taken;
  }

  private boolean begin(Instant from) {
    since = from;
    return true;
  }

  private Mono<Boolean> giveBack(Map<String, Long> taken) {
    taken.forEach((code, number) -> counts.computeIfAbsent(code, _ -> new LongAdder()).add(number));
    return Mono.just(false);
  }

  /** A process edge: nobody waits for these records. */
  @Override
  public void start() {
    ticking.update(
        Flux.interval(interval, Schedulers.parallel())
            .onBackpressureDrop()
            .concatMap(_ -> seal(), 1)
            .subscribe(_ -> {}, fault -> LOG.atError().setCause(fault).log("rejections stopped")));
  }

  @Override
  public void stop() {
    ticking.dispose();
    Boolean sealed = seal().blockOptional(LAST_WAIT).orElse(false);
    LOG.atDebug().addKeyValue("sealed", sealed).log("rejections flushed");
  }

  @Override
  public boolean isRunning() {
    return !ticking.isDisposed() && ticking.get() != null;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
