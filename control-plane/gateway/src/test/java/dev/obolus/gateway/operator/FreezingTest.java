// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Receipt;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords.Forged;
import dev.obolus.gateway.freeze.Scope;
import dev.obolus.gateway.testing.TestFreezes;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** How a freeze that was sealed is answered. */
class FreezingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final TestFreezes log =
      new TestFreezes(Instant.parse("2026-11-21T10:00:00Z"), () -> 0, _ -> {});

  @Test
  void whatWasSealedIsAnsweredAlsoIfItCannotBeTakenUpAtOnce() {
    Receipt receipt = TestLog.receipt(1);
    Place unread = new Place(receipt.chain(), 9);
    log.records.put(unread, new Forged());
    log.failing.add(unread);
    assertThat(answered(receipt, Schedulers.immediate())).isEqualTo(receipt);

    Scheduler full = Schedulers.newSingle("full");
    full.dispose();
    assertThat(answered(receipt, full)).isEqualTo(receipt);
  }

  @Test
  void whatWasSealedHoldsBeforeItIsAnswered() {
    Place place = log.freeze(new Scope.Agent("client"));
    log.lift(place);
    Place second = new Place(place.chain(), 9);
    log.records.put(second, log.begun(second, new Scope.Everything()));
    Receipt receipt = TestLog.receipt(9);
    assertThat(answered(receipt, Schedulers.immediate())).isEqualTo(receipt);
    assertThat(log.freezes.inForce()).hasSize(1);
  }

  private Receipt answered(Receipt receipt, Scheduler looking) {
    return Freezing.takenUp(receipt, log.freezes, looking).blockOptional(PATIENCE).orElseThrow();
  }
}
