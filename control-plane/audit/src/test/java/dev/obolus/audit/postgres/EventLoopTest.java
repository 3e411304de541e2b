// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Cancelled;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Appending from threads that must not block, with BlockHound watching them. */
@Tag("blockhound")
class EventLoopTest {
  @TempDir Path folder;

  @BeforeAll
  static void watch() {
    // the driver draws a nonce when it connects; /dev/urandom answers at once
    BlockHound.install(hound ->
        hound.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully"));
  }

  @Test
  void watcherSeesABlockedEventLoop() {
    Mono<Integer> blocking =
        Mono.fromCallable(
                () -> {
                  Thread.sleep(1);
                  return 1;
                })
            .subscribeOn(Schedulers.parallel());
    assertThatThrownBy(blocking::block).hasMessageContaining("Blocking call");
  }

  @Test
  void appendingAndOfferingNeverBlockAnEventLoop() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    List<Decided> permits =
        Stream.generate(() -> LogFixture.decided("allow")).limit(2_000).toList();
    try (AuditDatabase opened = fixture.openReady()) {
      List<Receipt> receipts =
          Flux.fromIterable(permits)
              .flatMap(
                  permit ->
                      Mono.defer(() -> appendAndOffer(opened, permit))
                          .subscribeOn(Schedulers.parallel()),
                  64)
              .collectList()
              .blockOptional(Duration.ofSeconds(60))
              .orElseThrow();
      assertThat(receipts).doesNotHaveDuplicates().hasSize(2_000);
    }
  }

  @Test
  void followingNeverBlocksAnEventLoop() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady();
        AuditViews console = AuditViews.open(fixture.settings(TestPostgres.CONSOLE));
        Following here = new Following(opened.feed(), Map.of());
        Following there = new Following(console.feed(), Map.of())) {
      for (int i = 0; i < 50; i++) {
        assertThat(LogFixture.append(opened, LogFixture.decided("allow")).seq()).isEqualTo(i + 2);
      }
      Map<ChainId, Long> heads = LogFixture.get(console.reader().heads());
      here.isWholeTo(heads);
      there.isWholeTo(heads);
      assertThat(here.ends() + there.ends()).isZero();
    }
  }

  private static Mono<Receipt> appendAndOffer(AuditDatabase opened, Decided permit) {
    return opened
        .log()
        .append(permit)
        .doOnNext(receipt ->
            opened.log().offer(new Cancelled(LogFixture.conclusion(permit, receipt), "stopped")));
  }
}
