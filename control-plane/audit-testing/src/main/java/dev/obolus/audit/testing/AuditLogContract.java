// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** What every {@link AuditLog} does. */
public abstract class AuditLogContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A log that is ready. */
  protected abstract AuditLog log();

  /** The words of the events written so far, in order, but for the chain's own first record. */
  protected abstract List<String> written();

  @Test
  void receiptNamesTheNextPlaceOfTheChain() {
    Receipt first = receipt(TestEvents.decided("deny"));
    Receipt second = receipt(TestEvents.decided("deny"));
    assertThat(second.chain()).isEqualTo(first.chain());
    assertThat(second.seq()).isEqualTo(first.seq() + 1);
    assertThat(second.leaf()).isNotEqualTo(first.leaf());
  }

  @Test
  void eventIsWrittenBeforeItsReceiptIsGiven() {
    Receipt _ = receipt(TestEvents.decided("deny"));
    assertThat(written()).containsExactly("decided");
  }

  @Test
  void nothingIsWrittenUntilSomebodySubscribes() {
    Mono<Receipt> _ = log().append(TestEvents.decided("deny"));
    Receipt _ = receipt(TestEvents.rejected());
    assertThat(written()).containsExactly("rejected");
  }

  @Test
  void permitThatNobodyWaitsForIsClosedAsCancelled() {
    log().append(TestEvents.decided("allow")).subscribe(new GoneAtOnce());
    await("decided", "cancelled");
  }

  @Test
  void denialThatNobodyWaitsForIsWrittenAndThatIsAll() {
    log().append(TestEvents.decided("deny")).subscribe(new GoneAtOnce());
    await("decided");
    Receipt _ = receipt(TestEvents.rejected());
    assertThat(written()).containsExactly("decided", "rejected");
  }

  @Test
  void offeredEventIsWritten() {
    Decided permit = TestEvents.decided("allow");
    Receipt receipt = receipt(permit);
    log().offer(TestEvents.cancelled(permit, receipt));
    await("decided", "cancelled");
  }

  @Test
  void halfACharacterIsRefusedAndTheChainGoesOn() {
    Receipt before = receipt(TestEvents.decided("deny"));
    assertThatThrownBy(
            () -> receipt(new AuditEvent.PolicyChanged("-", "rev-\uD800", "folder", "activated")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
    assertThat(receipt(TestEvents.decided("deny")).seq()).isEqualTo(before.seq() + 1);
  }

  @Test
  void eventThatIsTooLongIsRefusedAndTheChainGoesOn() {
    Receipt before = receipt(TestEvents.decided("deny"));
    AuditEvent tooLong =
        new AuditEvent.PolicyChanged("-", "x".repeat(300 * 1024), "folder", "activated");
    assertThatThrownBy(() -> receipt(tooLong))
        .isInstanceOfSatisfying(
            LogUnavailable.class,
            refusal -> assertThat(refusal.why()).isEqualTo(LogUnavailable.Cause.TOO_LARGE));
    assertThat(receipt(TestEvents.decided("deny")).seq()).isEqualTo(before.seq() + 1);
  }

  @Test
  void onlyTheLogItselfOpensAChain() {
    assertThatThrownBy(() -> receipt(new AuditEvent.Opened(Map.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Receipt receipt(AuditEvent event) {
    return log().append(event).blockOptional(PATIENCE).orElseThrow();
  }

  private void await(String... wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!written().equals(List.of(wanted)) && System.nanoTime() < end) {
      Mono.delay(Duration.ofMillis(10)).block();
    }
    assertThat(written()).containsExactly(wanted);
  }

  /** A caller who has hung up before anything happened. */
  private static final class GoneAtOnce extends BaseSubscriber<Receipt> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      cancel();
    }
  }
}
