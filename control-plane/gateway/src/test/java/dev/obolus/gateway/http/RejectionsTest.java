// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Strangers' counts: each is sealed once, whatever the log answers. */
class RejectionsTest {
  private final Failing log = new Failing();
  private Instant now = Instant.EPOCH;
  private final Rejections rejections = new Rejections(log, () -> now, Duration.ofHours(1));

  @Test
  void whatTheLogDidNotTakeIsSealedTheNextTimeWithTheWholeInterval() {
    log.why = Optional.of(Cause.DATABASE);
    sealedAt(10, 2);
    assertThat(log.taken).isEmpty();
    log.why = Optional.empty();
    sealedAt(20, 1);
    assertThat(log.taken).containsExactly(counted(0, 20, 3));
  }

  @Test
  void whatMayBeWrittenIsTheLogsAndIsNotCountedAgain() {
    log.why = Optional.of(Cause.UNKNOWN_COMMIT);
    sealedAt(10, 2);
    log.why = Optional.empty();
    sealedAt(20, 1);
    assertThat(log.taken).containsExactly(counted(10, 20, 1));
  }

  private void sealedAt(long second, int times) {
    for (int i = 0; i < times; i++) {
      rejections.count("token_invalid");
    }
    now = Instant.ofEpochSecond(second);
    assertThat(rejections.seal().blockOptional()).isPresent();
  }

  private static AuditEvent counted(long from, long until, long number) {
    return new AuditEvent.Rejected(
        Instant.ofEpochSecond(from), Instant.ofEpochSecond(until), Map.of("token_invalid", number));
  }

  private static final class Failing implements AuditLog {
    private final List<AuditEvent> taken = new ArrayList<>();
    private Optional<Cause> why = Optional.empty();

    @Override
    public Mono<Receipt> append(AuditEvent event) {
      if (why.isPresent()) {
        return Mono.error(new LogUnavailable(why.get()));
      }
      taken.add(event);
      return Mono.just(TestLog.receipt(taken.size()));
    }

    @Override
    public void offer(AuditEvent event) {
      throw new AssertionError("nobody has hung up");
    }
  }
}
