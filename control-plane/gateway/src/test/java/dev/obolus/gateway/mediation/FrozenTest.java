// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static dev.obolus.gateway.mediation.MediationFixture.alice;
import static dev.obolus.gateway.mediation.MediationFixture.ask;
import static dev.obolus.gateway.mediation.MediationFixture.orders;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.Scope;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** What a freeze does to requests, wherever they are. */
class FrozenTest {
  private static final Scope PERSON =
      new Scope.Person(MediationFixture.TENANT, MediationFixture.ALICE);

  private final MediationFixture fixture = new MediationFixture();

  static Stream<Scope> scopes() {
    return Stream.of(
        PERSON,
        new Scope.Agent("client"),
        new Scope.Tenant(MediationFixture.TENANT),
        new Scope.Source(new ConnectorId("databricks-sales")),
        new Scope.Everything());
  }

  static Stream<Scope> others() {
    return Stream.of(
        new Scope.Person(MediationFixture.TENANT, "0b010500-0000-4000-8000-0000000000c2"),
        new Scope.Person("0b010500-0000-4000-8000-000000000002", MediationFixture.ALICE),
        new Scope.Agent("another"),
        new Scope.Tenant("0b010500-0000-4000-8000-000000000002"),
        new Scope.Source(new ConnectorId("another")));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void whatIsFrozenIsRefusedOnTheRecordBeforeAnythingIsPlannedUntilItIsLifted(Scope scope) {
    Place freeze = fixture.freezes.freeze(scope);
    AtomicInteger planned = new AtomicInteger();
    fixture.connector.planner =
        _ -> {
          planned.incrementAndGet();
          return java.util.Optional.empty();
        };

    Outcome.Refused refused = fixture.refused(orders());

    assertThat(refused.code()).isEqualTo(ErrorCode.FROZEN);
    assertThat(planned).hasValue(0);
    assertThat(fixture.connector.executed).isEmpty();
    AuditEvent.Decided decided = fixture.decided();
    assertThat(decided.effect()).isEqualTo("deny");
    assertThat(decided.reasons()).extracting(AuditEvent.Reason::code).containsExactly("frozen");
    assertThat(decided.connector()).isEqualTo("databricks-sales");
    assertThat(decided.operation()).isEqualTo("query");

    fixture.freezes.lift(freeze);
    assertThat(fixture.answered(orders()).rows().rows()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("others")
  void nobodyElseIs(Scope scope) {
    var _ = fixture.freezes.freeze(scope);
    assertThat(fixture.answered(orders()).rows().rows()).hasSize(1);
  }

  @Test
  void whatDoesNotExistIsFrozenAlike() {
    var _ = fixture.freezes.freeze(PERSON);
    var invented = (Outcome.Refused) fixture.mediate(alice(), ask("invented", "query", Map.of()));
    assertThat(invented.code()).isEqualTo(ErrorCode.FROZEN);
  }

  @Test
  void aFreezeWhileThePermitIsSealedLeavesTheSourceUntouched() {
    fixture.log.held = AuditEvent.Decided.class::isInstance;
    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();

    var _ = fixture.freezes.freeze(PERSON);
    fixture.log.release();

    assertThat(((Outcome.Refused) answer.join()).code()).isEqualTo(ErrorCode.FROZEN);
    assertThat(fixture.connector.executed).isEmpty();
    AuditEvent.Failed failed = fixture.log.of(AuditEvent.Failed.class).getFirst();
    assertThat(failed.code()).isEqualTo("frozen");
    assertThat(failed.sourceState()).isEqualTo("not_called");
  }

  @Test
  void aListThatGrewTooOldWhileThePermitWasSealedLeavesTheSourceUntouched() {
    fixture.log.held = AuditEvent.Decided.class::isInstance;
    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();

    fixture.freezeNanos.addAndGet(Duration.ofSeconds(2).toNanos());
    fixture.log.release();

    assertThat(((Outcome.Refused) answer.join()).code()).isEqualTo(ErrorCode.FREEZE_UNKNOWN);
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void aFreezeDuringTheCallStopsItAtTheSourceAndOnlyThenTakesItsTokens() {
    fixture.connector.source =
        _ ->
            Mono.never()
                .ofType(dev.obolus.connector.ConnectorResult.class)
                .doOnCancel(() -> fixture.trail.add("stopped"));
    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();
    assertThat(fixture.trail).containsExactly("Decided", "source");

    var _ = fixture.freezes.freeze(PERSON);

    assertThat(((Outcome.Refused) answer.join()).code()).isEqualTo(ErrorCode.FROZEN);
    assertThat(fixture.trail)
        .containsExactly("Decided", "source", "stopped", "Failed", "purged Person")
        .doesNotHaveDuplicates();
  }

  @Test
  void aCallOfAnotherGoesOn() {
    fixture.connector.source = _ -> Mono.never();
    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();
    var _ = fixture.freezes.freeze(new Scope.Agent("another"));
    assertThat(answer).isNotDone();
  }

  @Test
  void whereTheListWasNotConfirmedForTwoSecondsNothingIsServedUntilItIsAgain() {
    fixture.freezeNanos.addAndGet(Duration.ofSeconds(2).minusNanos(1).toNanos());
    assertThat(fixture.answered(orders()).rows().rows()).hasSize(1);

    fixture.freezeNanos.incrementAndGet();
    assertThat(fixture.refused(orders()).code()).isEqualTo(ErrorCode.FREEZE_UNKNOWN);
    assertThat(fixture.log.of(AuditEvent.Decided.class).getLast().reasons())
        .extracting(AuditEvent.Reason::code)
        .containsExactly("freeze_unknown");

    fixture.freezes.look();
    assertThat(fixture.answered(orders()).rows().rows()).hasSize(1);
  }
}
