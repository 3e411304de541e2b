// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The way from the socket to the mediator and back, with everything that blocks forbidden. */
@Tag("blockhound")
class NonBlockingPathTest extends SliceTest {

  @BeforeAll
  static void watch() {
    BlockHound.install();
  }

  @Test
  void aRequestNeverBlocksAnEventLoop() {
    mediator.behaviour =
        (_, _) -> {
          assertThat(Schedulers.isInNonBlockingThread()).isTrue();
          return FrontDoors.TestMediator.answer();
        };
    for (int i = 0; i < 3; i++) {
      post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY).expectStatus().isOk();
    }
    post("forged", GOOD_BODY).expectStatus().isUnauthorized();
    post(ISSUER.token(TestIssuer.ALICE), "{").expectStatus().isBadRequest();
  }

  @Test
  void aBlockingCallWouldBeNoticed() {
    mediator.behaviour = (_, _) -> Mono.defer(NonBlockingPathTest::answerAfterASleep);
    post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY).expectStatus().isEqualTo(500);
  }

  private static Mono<Outcome> answerAfterASleep() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException interrupted) {
      return Mono.error(interrupted);
    }
    return FrontDoors.TestMediator.answer();
  }
}
