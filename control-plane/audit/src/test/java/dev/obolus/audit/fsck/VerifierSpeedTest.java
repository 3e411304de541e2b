// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Writes and verifies many records, and says how fast; asserts only that they are sound. */
@Tag("long")
class VerifierSpeedTest {
  private static final int RECORDS = 100_000;

  @TempDir Path folder;

  @Test
  void manyRecordsVerify() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    long began = System.nanoTime();
    try (AuditDatabase opened = fixture.openReady()) {
      assertThat(
              Flux.range(0, RECORDS)
                  .flatMap(number -> opened.log().append(LogFixture.decided("deny")), 512)
                  .count()
                  .blockOptional(Duration.ofMinutes(5)))
          .hasValue((long) RECORDS);
    }
    say("written", System.nanoTime() - began);
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      AuditVerifier verifier =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())));
      for (int round = 0; round < 6; round++) {
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        Verification found = verifier.verify(connection);
        assertThat(found.firstBad()).isEmpty();
        say("verified", found.took().toNanos());
        say(
            "verified, by the verifier's own processor time,",
            ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu);
      }
    }
  }

  private static void say(String what, long nanos) {
    System.out.printf("%s %d records: %.0f a second%n", what, RECORDS, RECORDS * 1e9 / nanos);
  }
}
