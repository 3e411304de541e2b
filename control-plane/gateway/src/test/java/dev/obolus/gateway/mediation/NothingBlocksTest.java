// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.policy.Reason.About;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The whole path on a thread that must not block. */
@Tag("blockhound")
final class NothingBlocksTest {
  private final MediationFixture fixture = new MediationFixture();

  @BeforeAll
  static void watch() {
    BlockHound.install();
  }

  @Test
  void theWatchIsOn() {
    assertThatThrownBy(() ->
            Mono.fromCallable(
                    () -> {
                      Thread.sleep(1);
                      return 1;
                    })
                .subscribeOn(Schedulers.parallel())
                .block())
        .hasStackTraceContaining("Blocking call!");
  }

  @Test
  void onTheWayToAnAnswerNothingBlocks() {
    assertThat(mediate(MediationFixture.orders())).isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void onTheWayToARefusalNothingBlocks() {
    fixture.policy.visible = Set.of();
    fixture.policy.rule = _ -> FakePolicy.deny("SALES-001", About.RESOURCE);

    for (Ask ask :
        List.of(
            MediationFixture.orders(),
            MediationFixture.ask(Map.of("table", "main.invented.table")),
            MediationFixture.ask(Map.of()),
            MediationFixture.ask("nowhere", "query", Map.of()))) {
      assertThat(mediate(ask)).isInstanceOf(Outcome.Refused.class);
    }
  }

  @Test
  void makingAnIdDoesNotBlock() {
    DecisionIds ids = DecisionIds.of(Clock.systemUTC());

    assertThat(
            Mono.fromCallable(ids::get)
                .repeat(5_000)
                .subscribeOn(Schedulers.parallel())
                .distinct()
                .count()
                .block(Duration.ofSeconds(30)))
        .isEqualTo(5_001);
  }

  private Outcome mediate(Ask ask) {
    RequestMediator mediator = fixture.mediator();
    return Mono.defer(() -> mediator.mediate(MediationFixture.alice(), ask))
        .subscribeOn(Schedulers.parallel())
        .blockOptional(Duration.ofSeconds(30))
        .orElseThrow();
  }
}
