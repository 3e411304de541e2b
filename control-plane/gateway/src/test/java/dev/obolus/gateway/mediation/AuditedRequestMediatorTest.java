// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static dev.obolus.gateway.mediation.FakePolicy.deny;
import static dev.obolus.gateway.mediation.FakePolicy.reason;
import static dev.obolus.gateway.mediation.MediationFixture.alice;
import static dev.obolus.gateway.mediation.MediationFixture.ask;
import static dev.obolus.gateway.mediation.MediationFixture.nightlyJob;
import static dev.obolus.gateway.mediation.MediationFixture.orders;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.connector.AccessPlan.Touched;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Planning;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.policy.Decision;
import dev.obolus.policy.Decision.Demand;
import dev.obolus.policy.Reason.About;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.Predicate.Literal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

final class AuditedRequestMediatorTest {
  private static final Obligation.RowFilter EMEA =
      new Obligation.RowFilter(
          FakeConnector.ORDERS,
          new Predicate.Comparison("region", Predicate.Operator.EQ, new Literal.Text("EMEA")));
  private static final Obligation.ColumnMask MASKED =
      new Obligation.ColumnMask(FakeConnector.ORDERS, "email", new Mask.Partial(4));

  private final MediationFixture fixture = new MediationFixture();

  // permitted

  @Test
  void permitIsDurableBeforeTheSourceIsTouchedAndTheOutcomeBeforeTheAnswer() {
    Outcome.Answered answer = fixture.answered(orders());

    assertThat(fixture.trail).containsExactly("Decided", "source", "Served");
    assertThat(answer.decision().record().seq()).isEqualTo(1);
    assertThat(answer.receipt().seq()).isEqualTo(2);
    assertThat(answer.decision().effect()).isEqualTo("allow");
    assertThat(answer.rows().rows()).hasSize(1);
  }

  @Test
  void nothingIsCalledWhileThePermitIsNotDurable() {
    fixture.log.held = AuditEvent.Decided.class::isInstance;

    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();
    assertThat(fixture.connector.executed).isEmpty();
    assertThat(answer).isNotDone();

    fixture.log.release();
    assertThat(answer.join()).isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void theAnswerWaitsUntilItsOutcomeIsDurable() {
    fixture.log.held = AuditEvent.Served.class::isInstance;

    var answer = fixture.mediator().mediate(alice(), orders()).toFuture();
    assertThat(fixture.trail).containsExactly("Decided", "source");
    assertThat(answer).isNotDone();

    fixture.log.release();
    assertThat(answer.join()).isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void theRecordHasWhoAskedWhatThroughWhomAndWhatItWasDecidedOn() {
    var _ = fixture.answered(orders());

    AuditEvent.Decided decided = fixture.decided();
    assertThat(decided.person())
        .contains(new AuditEvent.Person(MediationFixture.TENANT, MediationFixture.ALICE));
    assertThat(decided.actor().agent()).contains("finance-copilot");
    assertThat(decided.actor().via()).containsExactly("agent-between");
    assertThat(decided.lane()).isEqualTo("obo");
    assertThat(decided.environment()).isEqualTo("test");
    assertThat(decided.purpose()).contains("quarterly-report");
    assertThat(decided.conversation()).contains("conversation-1");
    assertThat(decided.tokenId()).contains("uti-1");
    assertThat(decided.statement()).contains("SELECT 1");
    assertThat(decided.policyInputs()).contains("[{}]");
    assertThat(decided.revision()).isEqualTo(FakePolicy.REVISION.digest());
    assertThat(decided.resources().getFirst().labels()).containsExactly("sales");
    AuditEvent.Served served = fixture.log.of(AuditEvent.Served.class).getFirst();
    assertThat(served.conclusion().permitSeq()).isEqualTo(1);
    assertThat(served.conclusion().decisionId()).isEqualTo(decided.decisionId());
    assertThat(served.conclusion().upstreamIds()).containsExactly("st-1");
    assertThat(served.conclusion().entraCorrelationId()).contains("entra-1");
  }

  @Test
  void theOutcomesRecordCanBeReadWithoutItsPermit() {
    var _ = fixture.answered(orders());

    assertSaysAgain(fixture.log.of(AuditEvent.Served.class).getFirst().conclusion());
  }

  @Test
  void aFailuresRecordCanBeReadWithoutItsPermit() {
    fixture.connector.source = _ -> Mono.error(new IllegalStateException("the source broke"));

    Outcome _ = fixture.mediate(alice(), orders());

    assertSaysAgain(fixture.log.of(AuditEvent.Failed.class).getFirst().conclusion());
  }

  @Test
  void aCancelledCallsRecordCanBeReadWithoutItsPermit() {
    fixture.connector.source = _ -> Mono.never();

    fixture.mediator().mediate(alice(), orders()).subscribe().dispose();

    assertSaysAgain(fixture.log.of(AuditEvent.Cancelled.class).getFirst().conclusion());
  }

  @Test
  void whateverBecomesOfACallItsRecordHasTheIdsByWhichOthersKnowIt() {
    Map<String, Mono<ConnectorResult>> ends =
        Map.of(
            "answered", Mono.just(FakeConnector.ROWS),
            "denied", Mono.just(failed(new ConnectorFailure.DeniedBySource("forbidden"))),
            "unauthenticated", Mono.just(failed(new ConnectorFailure.NotAuthenticated("x"))),
            "throttled", Mono.just(failed(new ConnectorFailure.Throttled(Optional.empty()))),
            "challenged", Mono.error(new DelegatedAccess.SourceChallenge("{}")),
            "broken", Mono.error(new IllegalStateException("the source broke")),
            "refused by Entra",
                Mono.error(
                    new DelegatedAccess.AccessRefused(new ConnectorFailure.TokenRejected("x"))),
            "too late", Mono.error(new TimeoutException()));
    ends.forEach((name, end) -> {
      var fixture = new MediationFixture();
      fixture.connector.source = _ -> end;
      Outcome _ = fixture.mediate(alice(), orders());
      assertKnown(name, fixture);
    });
  }

  @Test
  void aCancelledCallsRecordHasTheIdsByWhichOthersKnowIt() {
    fixture.connector.source = _ -> Mono.never();

    fixture.mediator().mediate(alice(), orders()).subscribe().dispose();

    assertKnown("cancelled", fixture);
  }

  @Test
  void aSourceCannotFloodARecordWithIds() {
    fixture.connector.upstream =
        Stream.of(
                IntStream.range(0, 100).mapToObj(i -> "request-" + i),
                IntStream.range(0, 100).mapToObj(_ -> "request-99"),
                Stream.of("", "x".repeat(129), "two words", "line\n", "\u202e"))
            .flatMap(each -> each)
            .toList();

    var _ = fixture.answered(orders());

    assertThat(outcome(fixture).upstreamIds())
        .hasSize(32)
        .startsWith("request-0", "request-1")
        .endsWith("request-30", "request-99");
  }

  private static void assertKnown(String name, MediationFixture fixture) {
    assertThat(outcome(fixture).upstreamIds()).as(name).containsExactly("st-1");
    assertThat(outcome(fixture).entraCorrelationId()).as(name).contains("entra-1");
  }

  private static AuditEvent.Conclusion outcome(MediationFixture fixture) {
    return switch (fixture.log.events.getLast()) {
      case AuditEvent.Served served -> served.conclusion();
      case AuditEvent.Failed failed -> failed.conclusion();
      case AuditEvent.Cancelled cancelled -> cancelled.conclusion();
      case AuditEvent other -> throw new AssertionError(other.getClass());
    };
  }

  private static ConnectorResult failed(ConnectorFailure failure) {
    return new ConnectorResult.Failed(failure, Usage.NONE);
  }

  private void assertSaysAgain(AuditEvent.Conclusion conclusion) {
    AuditEvent.Decided decided = fixture.decided();
    assertThat(conclusion.lane()).isEqualTo("obo");
    assertThat(conclusion.environment()).isEqualTo("test");
    assertThat(conclusion.conversation()).contains("conversation-1");
    assertThat(conclusion.trace()).isPresent().isEqualTo(decided.trace());
    assertThat(conclusion.tokenId()).contains("uti-1");
    assertThat(conclusion.clientRequestId()).isEqualTo(decided.clientRequestId());
    assertThat(conclusion.resources()).isNotEmpty().isEqualTo(decided.resources());
    assertThat(conclusion.resources().getFirst().labels()).containsExactly("sales");
  }

  @Test
  void policyKnowsTheTokensIdAndTheRequestIdThatTheRecordsHave() {
    var _ = fixture.answered(orders());

    var input = fixture.policy.asked.getFirst().getFirst();
    assertThat(input.token().id()).contains("uti-1");
    assertThat(input.context().clientRequestId()).isEqualTo(fixture.decided().clientRequestId());
    assertThat(input.context().traceId()).isEqualTo(fixture.decided().trace().orElseThrow());
  }

  @Test
  void whatAnAgentSaysOfItselfIsGivenToPolicyAsClaimed() {
    var _ = fixture.answered(orders());

    var claimed = fixture.policy.asked.getFirst().getFirst().claimed();
    assertThat(claimed.purpose()).contains("quarterly-report");
    assertThat(claimed.via()).containsExactly("agent-between");
  }

  @Test
  void theAnswerNamesKindsAndRulesOfWhatWasWithheldAndNoValues() {
    permit(List.of(EMEA, MASKED, new Obligation.MaxRows(50)));

    Outcome.Answered answer = fixture.answered(orders());

    assertThat(answer.withheld())
        .containsExactly(
            new Outcome.Withheld("row_filter", "SALES-002"),
            new Outcome.Withheld("column_mask", "-"));
    assertThat(answer.decision().obligations())
        .containsExactly("row_filter", "column_mask", "max_rows");
    assertThat(answer.decision().toString()).doesNotContain("EMEA").doesNotContain("region");
    assertThat(fixture.decided().obligations().orElseThrow()).contains("EMEA").contains("partial");
  }

  @Test
  void theSmallestOfAllLimitsHolds() {
    permit(List.of(new Obligation.MaxRows(30), new Obligation.MaxBytes(900)));

    var _ = fixture.answered(ask(Map.of("table", "main.sales.orders", "limit", 40L)));
    var other = fixture.answered(ask(Map.of("table", "main.sales.orders", "limit", 20L)));

    assertThat(fixture.connector.executed.get(0).limits())
        .isEqualTo(new DataRequest.Limits(30, 900));
    assertThat(fixture.connector.executed.get(1).limits())
        .isEqualTo(new DataRequest.Limits(20, 900));
    assertThat(other.rows().truncated()).isFalse();
  }

  @Test
  void rowsOverTheLimitAreCutEvenIfTheConnectorForgets() {
    permit(List.of(new Obligation.MaxRows(2)));
    fixture.connector.source =
        _ ->
            Mono.just(
                new ConnectorResult.Rows(
                    List.of(new ConnectorResult.Column("ID", "BIGINT")),
                    List.of(List.of(1L), List.of(2L), List.of(3L)),
                    false,
                    Usage.NONE));

    Outcome.Answered answer = fixture.answered(orders());

    assertThat(answer.rows().rows()).hasSize(2);
    assertThat(answer.rows().truncated()).isTrue();
    assertThat(answer.withheld()).containsExactly(new Outcome.Withheld("max_rows", "-"));
  }

  @Test
  void eachResourceIsAnInputOfItsOwn() {
    fixture.connector.planner =
        request ->
            Optional.of(
                new Planning.Planned(
                    fixture.connector.plan(
                        request,
                        List.of(
                            new Touched(FakeConnector.ORDERS, Set.of("id")),
                            new Touched(FakeConnector.SALARIES, Set.of("salary"))))));

    var _ = fixture.answered(orders());

    assertThat(fixture.policy.asked.getFirst())
        .extracting(input -> input.resource().orElseThrow().name())
        .containsExactly(FakeConnector.ORDERS, FakeConnector.SALARIES);
  }

  @Test
  void aPlanWithoutResourcesIsOneInputWithoutAResource() {
    fixture.connector.planner =
        request -> Optional.of(new Planning.Planned(fixture.connector.plan(request, List.of())));

    var _ = fixture.answered(orders());

    assertThat(fixture.policy.asked.getFirst()).hasSize(1);
    assertThat(fixture.policy.asked.getFirst().getFirst().resource()).isEmpty();
  }

  // refused

  @Test
  void aDenialIsOneRecordAndTheSourceIsNeverCalled() {
    fixture.policy.rule = _ -> deny("SALES-001", About.CALLER);

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.DENIED);
    assertThat(answer.reasons()).extracting(r -> r.code()).containsExactly("SALES-001");
    assertThat(fixture.trail).containsExactly("Decided");
    assertThat(fixture.connector.subjects).isEmpty();
    assertThat(fixture.decided().effect()).isEqualTo("deny");
  }

  @Test
  void stepUpAndApprovalAreRefusalsWithTheirOwnCodes() {
    fixture.policy.rule =
        _ -> new Decision.StepUp(List.of("c1"), List.of(reason("ORG-050", About.REQUEST)));
    Outcome.Refused stepUp = fixture.refused(orders());
    fixture.policy.rule =
        _ -> new Decision.ApprovalNeeded(List.of(reason("ORG-060", About.REQUEST)));
    Outcome.Refused approval = fixture.refused(orders());

    assertThat(stepUp.code()).isEqualTo(ErrorCode.STEP_UP_REQUIRED);
    assertThat(stepUp.claims()).isEmpty();
    assertThat(approval.code()).isEqualTo(ErrorCode.APPROVAL_REQUIRED);
    assertThat(fixture.log.of(AuditEvent.Decided.class))
        .extracting(AuditEvent.Decided::effect)
        .containsExactly("step_up", "approval_needed");
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void anApplicationOnItsOwnIsRefusedEvenWherePolicyForgets() {
    var answer = (Outcome.Refused) fixture.mediate(nightlyJob(), orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.APP_ONLY);
    assertThat(fixture.trail).containsExactly("Decided");
    assertThat(fixture.decided().effect()).isEqualTo("deny");
    assertThat(fixture.decided().person()).isEmpty();
    assertThat(fixture.connector.subjects).isEmpty();
  }

  @Test
  void anApplicationOnItsOwnThatPolicyRefusesIsToldSo() {
    fixture.policy.rule = _ -> deny("ORG-002", About.CALLER);

    var answer = (Outcome.Refused) fixture.mediate(nightlyJob(), orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.APP_ONLY);
    assertThat(answer.reasons()).extracting(r -> r.code()).containsExactly("ORG-002");
  }

  @Test
  void anObligationThatThePlanCannotMeetTurnsThePermitIntoADenial() {
    permit(List.of(EMEA));
    fixture.connector.honours = Set.of(Obligation.Kind.COLUMN_MASK);

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.OBLIGATION_UNSUPPORTED);
    assertThat(fixture.trail).containsExactly("Decided");
    assertThat(fixture.decided().effect()).isEqualTo("deny");
    assertThat(fixture.decided().reasons().getFirst().args())
        .containsEntry("obligation", "row_filter");
  }

  @Test
  void anObligationOnAResourceThatIsNotTouchedCannotBeMet() {
    permit(List.of(new Obligation.ColumnMask(FakeConnector.SALARIES, "name", new Mask.Nullify())));

    assertThat(fixture.refused(orders()).code()).isEqualTo(ErrorCode.OBLIGATION_UNSUPPORTED);
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void policyThatIsDownDeniesWithOneRecord() {
    for (String code : List.of("ENG-001", "ENG-003", "ENG-008", "busy")) {
      var fixture = new MediationFixture();
      fixture.policy.rule = _ -> deny(code, About.REQUEST);

      Outcome.Refused answer = fixture.refused(orders());

      assertThat(answer.code()).isEqualTo(ErrorCode.POLICY_UNAVAILABLE);
      assertThat(answer.reasons()).extracting(r -> r.code()).containsExactly(code);
      assertThat(fixture.trail).containsExactly("Decided");
      assertThat(fixture.decided().effect()).isEqualTo("deny");
    }
  }

  @Test
  void anInputThatIsNotOfItsSchemaIsTheCallersMatter() {
    fixture.policy.rule = _ -> deny("ENG-007", About.REQUEST);

    assertThat(fixture.refused(orders()).code()).isEqualTo(ErrorCode.DENIED);
  }

  @Test
  void policyThatBreaksItsPromiseDenies() {
    for (Mono<Verdict> broken :
        List.<Mono<Verdict>>of(Mono.empty(), Mono.error(new IllegalStateException("boom")))) {
      var fixture = new MediationFixture();
      fixture.policy.instead = Optional.of(broken);

      assertThat(fixture.refused(orders()).code()).isEqualTo(ErrorCode.POLICY_UNAVAILABLE);
      assertThat(fixture.trail).containsExactly("Decided");
    }
  }

  // what a stranger is told

  @Test
  void aStrangerCannotTellRealNamesFromInventedOnes() {
    fixture.policy.visible = Set.of();
    fixture.policy.rule =
        inputs ->
            inputs.getFirst().resource().map(r -> r.name().value()).orElse("").contains("sal")
                ? deny("SALES-001", About.RESOURCE)
                : deny("ORG-010", About.REQUEST);

    List<Outcome.Refused> answers =
        List.of(
            fixture.refused(orders()),
            fixture.refused(ask(Map.of("table", "main.hr.salaries"))),
            fixture.refused(ask(Map.of("table", "main.invented.table"))),
            fixture.refused(
                ask(Map.of("table", "main.sales.orders", "columns", List.of("invented")))),
            fixture.refused(
                ask(Map.of("table", "main.sales.orders", "columns", List.of("email")))));

    assertThat(answers.stream().map(AuditedRequestMediatorTest::told).distinct()).hasSize(1);
    assertThat(answers.getFirst().code()).isEqualTo(ErrorCode.DENIED);
    assertThat(answers.getFirst().reasons()).extracting(r -> r.code()).containsExactly("ORG-001");
    assertThat(fixture.log.of(AuditEvent.Decided.class)).hasSize(answers.size());
    assertThat(fixture.decided().reasons()).extracting(r -> r.code()).containsExactly("SALES-001");
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void aStrangerIsToldWhatHeAloneIsTheReasonFor() {
    fixture.policy.visible = Set.of();
    fixture.policy.rule =
        inputs ->
            inputs.getFirst().resource().isPresent()
                ? deny("SALES-001", About.RESOURCE)
                : new Decision.Deny(
                    List.of(reason("ORG-003", About.CALLER), reason("ORG-004", About.RESOURCE)));

    assertThat(fixture.refused(orders()).reasons())
        .extracting(r -> r.code())
        .containsExactly("ORG-003");
  }

  @Test
  void whoMaySeeATableIsToldWhichColumnItLacks() {
    Outcome.Refused answer =
        fixture.refused(
            ask(Map.of("table", "main.sales.orders", "columns", List.of("id", "emial"))));

    assertThat(answer.code()).isEqualTo(ErrorCode.WRONG_ARGUMENT);
    assertThat(answer.errors())
        .containsExactly(
            new Outcome.Fault("/arguments/columns/1", "No such column in main.sales.orders."));
    assertThat(fixture.trail).containsExactly("Decided");
    assertThat(fixture.decided().effect()).isEqualTo("deny");
  }

  @Test
  void whatIsWrongWithTheShapeOfAPlanIsTold() {
    fixture.policy.visible = Set.of();
    fixture.connector.planner =
        _ ->
            Optional.of(
                new Planning.Unplannable(
                    "/filter/type",
                    Planning.Fault.UNSUPPORTED,
                    Optional.empty(),
                    "No such operator."));

    assertThat(fixture.refused(orders()).errors())
        .containsExactly(new Outcome.Fault("/arguments/filter/type", "No such operator."));
  }

  // the catalogue

  @Test
  void whatTheCatalogueDoesNotListIsNotFoundAndRecorded() {
    Outcome.Refused connector = fixture.refused(ask("nowhere", "query", Map.of()));
    Outcome.Refused operation = fixture.refused(ask("databricks-sales", "drop_all", Map.of()));
    Outcome.Refused hostile = fixture.refused(ask("x\u0000\u202e", "../../etc", Map.of()));

    assertThat(connector.code()).isEqualTo(ErrorCode.UNKNOWN_CONNECTOR);
    assertThat(operation.code()).isEqualTo(ErrorCode.UNKNOWN_OPERATION);
    assertThat(hostile.code()).isEqualTo(ErrorCode.UNKNOWN_CONNECTOR);
    assertThat(fixture.log.of(AuditEvent.Decided.class))
        .extracting(AuditEvent.Decided::connector)
        .containsExactly("nowhere", "databricks-sales", "-");
    assertThat(fixture.policy.asked).isEmpty();
  }

  @Test
  void argumentsAreHeldAgainstTheSchema() {
    Map<String, Map<String, Object>> wrong =
        Map.of(
            "/arguments/table", Map.of(),
            "/arguments/no~1such", Map.of("table", "t", "no/such", 1L),
            "/arguments/columns", Map.of("table", "t", "columns", List.of("a", 1L)),
            "/arguments/filter", Map.of("table", "t", "filter", "region = 'EMEA'"),
            "/arguments/order", Map.of("table", "t", "order", List.of("a")),
            "/arguments/exact", Map.of("table", "t", "exact", "yes"),
            "/arguments/limit", Map.of("table", "t", "limit", new BigDecimal("1.5")));

    wrong.forEach((pointer, arguments) -> {
      Outcome.Refused answer = fixture.refused(ask(arguments));
      assertThat(answer.code()).isEqualTo(ErrorCode.WRONG_ARGUMENT);
      assertThat(answer.errors()).extracting(Outcome.Fault::pointer).containsExactly(pointer);
    });
    assertThat(fixture.log.of(AuditEvent.Decided.class)).hasSize(wrong.size());
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void hostileSizesAreRefused() {
    Object deep = Map.of();
    for (int i = 0; i < 10_000; i++) {
      deep = Map.of("x", deep);
    }
    List<Map<String, Object>> hostile =
        List.of(
            Map.of("table", "x".repeat(101)),
            Map.of("table", "t", "columns", List.of("1", "2", "3", "4", "5", "6")),
            Map.of("table", "t", "columns", List.of("x".repeat(5_000))),
            Map.of("table", "t", "filter", deep),
            Map.of("table", "t", "limit", 0L),
            Map.of("table", "t", "limit", Long.MIN_VALUE),
            Map.of("table", "t", "limit", new BigDecimal("1e400")));

    for (Map<String, Object> arguments : hostile) {
      assertThat(fixture.refused(ask(arguments)).code()).isEqualTo(ErrorCode.WRONG_ARGUMENT);
    }
  }

  @Test
  void aLimitBeyondAllMeasureIsCutToTheConfiguredOne() {
    var _ = fixture.answered(ask(Map.of("table", "main.sales.orders", "limit", Long.MAX_VALUE)));

    assertThat(fixture.connector.executed.getFirst().limits().rows()).isEqualTo(100);
  }

  @Test
  void aConnectorThatBreaksWhilePlanningIsARecordedRefusal() {
    fixture.connector.planner =
        _ -> {
          throw new IllegalStateException("secret in a message");
        };

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(answer.toString()).doesNotContain("secret");
    assertThat(fixture.trail).containsExactly("Decided");
  }

  // the source fails

  @Test
  void aFailureOfTheSourceIsRecordedAsTheSources() {
    fail(new ConnectorFailure.DeniedBySource("INSUFFICIENT_PERMISSIONS"));

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.SOURCE_DENIED);
    assertThat(answer.receipt().orElseThrow().seq()).isEqualTo(2);
    AuditEvent.Failed failed = fixture.log.of(AuditEvent.Failed.class).getFirst();
    assertThat(failed.code()).isEqualTo("source_denied");
    assertThat(failed.bySource()).isTrue();
    assertThat(failed.sourceState()).isEqualTo("finished");
  }

  @Test
  void aRefusedExchangeIsNotTheSources() {
    fixture.connector.source =
        _ ->
            Mono.error(
                new DelegatedAccess.AccessRefused(new ConnectorFailure.TokenRejected("50013")));

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.INVALID_TOKEN);
    assertThat(fixture.log.of(AuditEvent.Failed.class).getFirst().bySource()).isFalse();
  }

  @Test
  void anEmptySourceAndAnErrorSignalAreFailuresOnRecord() {
    for (Mono<ConnectorResult> broken :
        List.<Mono<ConnectorResult>>of(
            Mono.empty(), Mono.error(new IllegalStateException("secret in a message")))) {
      var fixture = new MediationFixture();
      fixture.connector.source = _ -> broken;

      Outcome.Refused answer = fixture.refused(orders());

      assertThat(answer.code()).isEqualTo(ErrorCode.INTERNAL);
      assertThat(answer.toString()).doesNotContain("secret");
      assertThat(fixture.trail).containsExactly("Decided", "source", "Failed");
      assertThat(fixture.connector.executed).hasSize(1);
    }
  }

  @Test
  void underARowFilterFailuresThatRowsCanCauseLookAlike() {
    var codes = new ArrayList<ErrorCode>();
    for (ConnectorFailure failure :
        List.of(
            new ConnectorFailure.Rejected("DIVIDE_BY_ZERO"),
            new ConnectorFailure.Malformed("x"),
            new ConnectorFailure.NotFound("x"),
            new ConnectorFailure.TooLarge("x"))) {
      permit(List.of(EMEA));
      fail(failure);
      codes.add(fixture.refused(orders()).code());
    }

    assertThat(codes).containsOnly(ErrorCode.SOURCE_REJECTED);
  }

  @Test
  void aPassedDeadlineCancelsAtTheSource() {
    VirtualTimeScheduler.getOrSet();
    try {
      var cancelled = new AtomicBoolean();
      fixture.connector.source =
          _ -> Mono.<ConnectorResult>never().doOnCancel(() -> cancelled.set(true));

      StepVerifier.withVirtualTime(() -> fixture.mediator().mediate(alice(), orders()))
          .thenAwait(fixture.settings.deadline())
          .assertNext(answer ->
              assertThat(((Outcome.Refused) answer).code()).isEqualTo(ErrorCode.SOURCE_TIMED_OUT))
          .verifyComplete();

      assertThat(cancelled).isTrue();
      assertThat(fixture.log.of(AuditEvent.Failed.class).getFirst().sourceState())
          .isEqualTo("unknown");
    } finally {
      VirtualTimeScheduler.reset();
    }
  }

  @Test
  void oneCallTooManyIsRefusedWithoutTouchingTheSource() {
    fixture.concurrency = 1;
    fixture.connector.source = _ -> Mono.never();
    RequestMediator mediator = fixture.mediator();
    var first = mediator.mediate(alice(), orders()).subscribe();

    var answer =
        (Outcome.Refused) Objects.requireNonNull(mediator.mediate(alice(), orders()).block());
    assertThat(answer.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(fixture.connector.executed).hasSize(1);

    first.dispose();
    fixture.connector.source = _ -> Mono.just(FakeConnector.ROWS);
    assertThat(mediator.mediate(alice(), orders()).block()).isInstanceOf(Outcome.Answered.class);
  }

  // the log is down

  @Test
  void aLogThatTakesNoPermitMeansThatNothingIsCalled() {
    for (boolean silent : List.of(true, false)) {
      var fixture = new MediationFixture();
      fixture.log.silent = _ -> silent;
      fixture.log.down = _ -> !silent;

      Outcome.Refused answer = fixture.refused(orders());

      assertThat(answer.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE);
      assertThat(answer.decision()).isEmpty();
      assertThat(fixture.connector.executed).isEmpty();
      assertThat(fixture.connector.subjects).isEmpty();
    }
  }

  @Test
  void aLogThatTakesNoRefusalMeansThatNotEvenTheRefusalIsTold() {
    fixture.log.down = _ -> true;
    fixture.policy.rule = _ -> deny("SALES-001", About.CALLER);

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE);
    assertThat(answer.reasons()).isEmpty();
  }

  @Test
  void aLogThatTakesNoOutcomeKeepsTheAnswerBackAndNothingIsRepeated() {
    fixture.log.down = AuditEvent.Served.class::isInstance;

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE);
    assertThat(answer.decision().orElseThrow().record().seq()).isEqualTo(1);
    assertThat(answer.receipt()).isEmpty();
    assertThat(fixture.connector.executed).hasSize(1);
  }

  // the caller hangs up

  @Test
  void hangingUpBeforeThePermitIsDurableTouchesNothing() {
    fixture.log.held = AuditEvent.Decided.class::isInstance;
    var call = fixture.mediator().mediate(alice(), orders()).subscribe();

    call.dispose();
    fixture.log.release();

    assertThat(fixture.trail).containsExactly("Decided", "Cancelled");
    assertThat(fixture.connector.executed).isEmpty();
  }

  @Test
  void hangingUpDuringTheCallCancelsAtTheSourceAndIsRecorded() {
    var cancelled = new AtomicBoolean();
    fixture.connector.source =
        _ -> Mono.<ConnectorResult>never().doOnCancel(() -> cancelled.set(true));
    var call = fixture.mediator().mediate(alice(), orders()).subscribe();

    call.dispose();

    assertThat(cancelled).isTrue();
    assertThat(fixture.trail).containsExactly("Decided", "source", "Cancelled");
    AuditEvent.Cancelled event = fixture.log.of(AuditEvent.Cancelled.class).getFirst();
    assertThat(event.sourceState()).isEqualTo("unknown");
    assertThat(event.conclusion().permitSeq()).isEqualTo(1);
  }

  @Test
  void hangingUpWhileTheOutcomeIsWrittenLeavesThatOutcomeAndNoOther() {
    fixture.log.held = AuditEvent.Served.class::isInstance;
    var call = fixture.mediator().mediate(alice(), orders()).subscribe();

    call.dispose();
    fixture.log.release();

    assertThat(fixture.trail).containsExactly("Decided", "source", "Served");
  }

  @Test
  void hangingUpAfterTheAnswerChangesNothing() {
    var call = fixture.mediator().mediate(alice(), orders()).subscribe();
    call.dispose();

    assertThat(fixture.trail).containsExactly("Decided", "source", "Served");
  }

  @Test
  void hangingUpDoesNotTakeARefusalsRecordAlong() {
    fixture.policy.rule = _ -> deny("SALES-001", About.CALLER);
    fixture.log.held = _ -> true;
    var call = fixture.mediator().mediate(alice(), orders()).subscribe();

    call.dispose();
    fixture.log.release();

    assertThat(fixture.trail).containsExactly("Decided");
  }

  // the source reveals more

  @Test
  void aSourceThatWouldTouchMoreIsDecidedOnAgain() {
    replanOnce();

    Outcome answer = fixture.mediate(alice(), orders());

    assertThat(answer).isInstanceOf(Outcome.Answered.class);
    assertThat(fixture.trail).containsExactly("Decided", "source", "Decided", "source", "Served");
    AuditEvent.Served served = fixture.log.of(AuditEvent.Served.class).getFirst();
    assertThat(served.conclusion().permitSeq()).isEqualTo(2);
    assertThat(fixture.policy.asked.get(1).getFirst().resource().orElseThrow().name())
        .isEqualTo(FakeConnector.SALARIES);
  }

  @Test
  void aSourceThatWouldTouchTooMuchIsRefusedAndItsFirstPermitEnded() {
    replanOnce();
    fixture.policy.rule =
        inputs ->
            inputs.getFirst().resource().orElseThrow().name().equals(FakeConnector.SALARIES)
                ? deny("ORG-009", About.CALLER)
                : new Decision.Permit(List.of(), List.of());
    fixture.policy.visible = Set.of(FakeConnector.ORDERS, FakeConnector.SALARIES);

    Outcome.Refused answer = fixture.refused(orders());

    assertThat(answer.code()).isEqualTo(ErrorCode.DENIED);
    assertThat(fixture.trail).containsExactly("Decided", "source", "Decided", "Failed");
    assertThat(fixture.log.of(AuditEvent.Failed.class).getFirst().conclusion().permitSeq())
        .isEqualTo(1);
  }

  @Test
  void aSourceThatRevealsMoreEachTimeIsStopped() {
    fixture.connector.source =
        request -> Mono.just(new ConnectorResult.Replan(request.plan(), Usage.NONE));

    assertThat(fixture.refused(orders()).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(fixture.connector.executed).hasSize(1 + fixture.settings.replans());
    assertThat(fixture.trail).endsWith("Failed");
  }

  private void permit(List<Obligation> obligations) {
    fixture.policy.rule =
        _ ->
            new Decision.Permit(
                obligations,
                List.of(),
                List.of(new Demand(Obligation.Kind.ROW_FILTER, "SALES-002")));
  }

  private void fail(ConnectorFailure failure) {
    fixture.connector.source = _ -> Mono.just(new ConnectorResult.Failed(failure, Usage.NONE));
  }

  private void replanOnce() {
    fixture.connector.source =
        request ->
            Mono.just(
                fixture.connector.executed.size() == 1
                    ? new ConnectorResult.Replan(
                        fixture.connector.plan(
                            request.plan().request(),
                            List.of(new Touched(FakeConnector.SALARIES, Set.of("salary")))),
                        Usage.NONE)
                    : FakeConnector.ROWS);
  }

  private static String told(Outcome.Refused answer) {
    Outcome.Decided decided = answer.decision().orElseThrow();
    return List.of(
            answer.code(),
            decided.effect(),
            decided.reasons(),
            decided.obligations(),
            answer.receipt(),
            answer.reasons(),
            answer.errors(),
            answer.claims(),
            answer.retryAfter())
        .toString();
  }
}
