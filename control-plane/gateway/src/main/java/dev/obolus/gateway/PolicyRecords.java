// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Receipt;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Records what becomes of the policy, for threads that may wait.
 *
 * <p>Guarantees: {@link #record} returns only once the event is durable, however long the log takes
 * nothing; so whoever calls it before a swap never swaps unrecorded.
 */
final class PolicyRecords {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyRecords.class);

  private final AuditLog log;
  private final Duration pause;

  /**
   * @param pause between two attempts
   */
  PolicyRecords(AuditLog log, Duration pause) {
    this.log = log;
    this.pause = pause;
  }

  /**
   * @throws InterruptedException by whoever stops the thread: nothing may follow then
   * @throws IllegalStateException where the log will never take it
   */
  void record(PolicyChanged event) throws InterruptedException {
    CompletableFuture<@Nullable Receipt> recorded =
        Mono.defer(() -> log.append(event))
            .switchIfEmpty(Mono.error(() -> new LogUnavailable(LogUnavailable.Cause.DATABASE)))
            .retryWhen(patiently())
            .toFuture();
    try {
      var _ = recorded.get();
    } catch (ExecutionException never) {
      throw new IllegalStateException("what became of the policy cannot be recorded", never);
    } finally {
      recorded.cancel(true);
    }
  }

  private Retry patiently() {
    return Retry.fixedDelay(Long.MAX_VALUE, pause)
        .filter(PolicyRecords::passes)
        .doBeforeRetry(PolicyRecords::tellOnce);
  }

  private static boolean passes(Throwable fault) {
    return fault instanceof LogUnavailable unavailable
        && switch (unavailable.why()) {
          case OVERLOADED, DATABASE, UNKNOWN_COMMIT, FENCED -> true;
          case TOO_LARGE, CLOSED -> false;
        };
  }

  private static void tellOnce(Retry.RetrySignal attempt) {
    if (attempt.totalRetries() == 0) {
      LOG.atWarn().log("a change of policy waits for the audit log");
    }
  }
}
