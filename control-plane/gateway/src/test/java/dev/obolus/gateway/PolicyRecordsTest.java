// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.testing.TestLog;
import dev.obolus.policy.Revision;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** No revision decides unrecorded, and no change of policy is lost. */
@Timeout(120)
class PolicyRecordsTest {
  private static final Duration SOON = Duration.ofMillis(1);
  private static final Revision BEFORE = new Revision("aa".repeat(32));
  private static final Revision NEXT = new Revision("bb".repeat(32));

  private static final DepartedAgents NOBODY_LEFT =
      new DepartedAgents(Set::of, () -> {}, purge -> {});

  private final OutOfOrder log = new OutOfOrder();
  private final PolicyRecords records = new PolicyRecords(log, SOON);

  /** Fails as often as it is told to, then takes all. */
  private static final class OutOfOrder implements AuditLog {
    final Deque<Mono<Receipt>> failures = new ArrayDeque<>();
    final List<AuditEvent> taken = new ArrayList<>();
    final CountDownLatch asked = new CountDownLatch(3);
    volatile boolean down;

    @Override
    public synchronized Mono<Receipt> append(AuditEvent event) {
      asked.countDown();
      if (down) {
        return unavailable(Cause.DATABASE);
      }
      if (!failures.isEmpty()) {
        return failures.pop();
      }
      taken.add(event);
      return Mono.just(TestLog.receipt(taken.size()));
    }

    @Override
    public void offer(AuditEvent event) {
      throw new AssertionError("nobody waits for what is offered");
    }
  }

  @Test
  void aChangeIsRecordedHoweverOftenTheLogFails() throws Exception {
    for (Cause cause :
        List.of(Cause.DATABASE, Cause.OVERLOADED, Cause.UNKNOWN_COMMIT, Cause.FENCED)) {
      log.failures.add(unavailable(cause));
    }
    log.failures.add(Mono.empty());

    new PolicyDesk(records, NOBODY_LEFT).activating(NEXT, BEFORE);

    assertThat(log.taken)
        .containsExactly(new PolicyChanged(BEFORE.digest(), NEXT.digest(), "folder", "activated"));
  }

  @Test
  void aRefusedFileIsRecordedHoweverOftenTheLogFails() throws Exception {
    log.failures.add(unavailable(Cause.DATABASE));

    new PolicyDesk(records, NOBODY_LEFT).refused(BEFORE, List.of());

    assertThat(log.taken)
        .containsExactly(new PolicyChanged(BEFORE.digest(), BEFORE.digest(), "folder", "refused"));
  }

  @Test
  void aLogThatIsClosedTakesNoChange() {
    for (Cause cause : List.of(Cause.CLOSED, Cause.TOO_LARGE)) {
      log.failures.add(unavailable(cause));
      assertThatThrownBy(() -> new PolicyDesk(records, NOBODY_LEFT).activating(NEXT, BEFORE))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(log.taken).isEmpty();
  }

  @Test
  void theFirstRevisionDecidesNothingUntilItIsRecorded() throws Exception {
    log.down = true;
    var settings = WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(0);
    try (var evaluator = new WasmPolicyEvaluator(settings)) {
      var start =
          new PolicyStart(
              evaluator,
              new PolicySettings(null, null, null, Duration.ofSeconds(1)),
              records,
              NOBODY_LEFT);
      start.start();
      assertThat(log.asked.await(60, TimeUnit.SECONDS)).as("it keeps asking").isTrue();
      assertThat(evaluator.ready()).isFalse();

      log.down = false;
      while (!evaluator.ready()) {
        Thread.onSpinWait();
      }
      assertThat(log.taken)
          .containsExactly(
              new PolicyChanged(
                  Revision.NONE.digest(), evaluator.active().digest(), "packaged", "activated"));
      start.stop();
    }
  }

  @Test
  void whoIsStoppedWhileItWaitsActivatesNothing() throws Exception {
    log.down = true;
    var settings = WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(0);
    try (var evaluator = new WasmPolicyEvaluator(settings)) {
      var start =
          new PolicyStart(
              evaluator,
              new PolicySettings(null, null, null, Duration.ofSeconds(1)),
              records,
              NOBODY_LEFT);
      start.start();
      assertThat(log.asked.await(60, TimeUnit.SECONDS)).isTrue();

      start.stop();
      while (start.isRunning()) {
        Thread.onSpinWait();
      }
      log.down = false;
      assertThat(evaluator.ready()).isFalse();
      assertThat(log.taken).isEmpty();
    }
  }

  private static Mono<Receipt> unavailable(Cause cause) {
    return Mono.error(new LogUnavailable(cause));
  }
}
