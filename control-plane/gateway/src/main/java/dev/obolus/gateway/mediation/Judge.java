// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AccessPlan.Touched;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Judgement.Permitted;
import dev.obolus.gateway.mediation.Judgement.Refusal;
import dev.obolus.policy.Decision;
import dev.obolus.policy.PolicyEvaluator;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/**
 * Asks policy, and says what follows: which code, which reasons for the record, and which of them
 * for this caller.
 *
 * <p>Guarantees: where no rule grants the caller a resource, what he is told is the same whether it
 * exists or not, because it is judged again with nothing that the arguments named.
 */
final class Judge {
  private final PolicyEvaluator evaluator;
  private final PolicyInputs inputs;

  Judge(PolicyEvaluator evaluator, PolicyInputs inputs) {
    this.evaluator = evaluator;
    this.inputs = inputs;
  }

  Mono<Judgement> judge(Asking asking, AccessPlan plan) {
    Matter.Judged matter = Matter.Judged.of(plan);
    return evaluate(asking, matter).flatMap(verdict -> judgement(asking, plan, matter, verdict));
  }

  /**
   * What to say of arguments that make no plan.
   *
   * @param matter with the resource that the fault concerns, where it concerns one
   */
  Mono<Refusal> judge(Asking asking, Matter.Judged matter, Operation operation, Unplannable fault) {
    return evaluate(asking, matter)
        .flatMap(verdict -> refusal(asking, matter, operation, fault, verdict));
  }

  private Mono<Verdict> evaluate(Asking asking, Matter.Judged matter) {
    return Mono.defer(() -> evaluator.evaluate(inputs.of(asking, matter)))
        .onErrorResume(_ -> Mono.fromSupplier(GatewayReasons::noVerdict))
        .switchIfEmpty(Mono.fromSupplier(GatewayReasons::noVerdict));
  }

  private Mono<Judgement> judgement(
      Asking asking, AccessPlan plan, Matter.Judged matter, Verdict verdict) {
    return switch (verdict.decision()) {
      case Decision.Permit permit -> Mono.just(permitted(asking, plan, verdict, permit));
      case Decision.Deny(List<Reason> reasons) ->
          denied(asking, plan.request().operation(), matter, verdict, reasons);
      case Decision.StepUp(_, List<Reason> reasons) ->
          Mono.just(withheld(asking, verdict, ErrorCode.STEP_UP_REQUIRED, reasons));
      case Decision.ApprovalNeeded(List<Reason> reasons) ->
          Mono.just(withheld(asking, verdict, ErrorCode.APPROVAL_REQUIRED, reasons));
    };
  }

  private static Judgement permitted(
      Asking asking, AccessPlan plan, Verdict verdict, Decision.Permit permit) {
    return switch (asking.caller()) {
      case Caller.AppCaller _ -> appOnly(verdict);
      case Caller.UserCaller _ when plan.request().operation().lane() != Lane.OBO ->
          denied(verdict, ErrorCode.DENIED, GatewayReasons.laneUnsupported());
      case Caller.UserCaller _ ->
          permit.obligations().stream()
              .filter(obligation -> !meets(plan, obligation))
              .findFirst()
              .<Judgement>map(unmet ->
                  denied(
                      verdict, ErrorCode.OBLIGATION_UNSUPPORTED, GatewayReasons.unsupported(unmet)))
              .orElseGet(() -> new Permitted(verdict, permit));
    };
  }

  private static boolean meets(AccessPlan plan, Obligation obligation) {
    return switch (obligation) {
          case Obligation.RowFilter(ResourceName resource, _) -> touches(plan, resource);
          case Obligation.ColumnMask(ResourceName resource, _, _) -> touches(plan, resource);
          case Obligation.MaxRows _, Obligation.MaxBytes _ -> true;
        }
        && plan.meets(obligation);
  }

  private static boolean touches(AccessPlan plan, ResourceName resource) {
    return plan.resources().stream().anyMatch(touched -> touched.resource().equals(resource));
  }

  private static Judgement withheld(
      Asking asking, Verdict verdict, ErrorCode code, List<Reason> reasons) {
    return switch (asking.caller()) {
      case Caller.AppCaller _ -> appOnly(verdict);
      case Caller.UserCaller _ ->
          new Refusal(
              Optional.of(verdict), verdict.decision().effect(), code, reasons, reasons, List.of());
    };
  }

  private Mono<Judgement> denied(
      Asking asking,
      Operation operation,
      Matter.Judged matter,
      Verdict verdict,
      List<Reason> reasons) {
    if (GatewayReasons.engineFault(reasons)) {
      return Mono.just(Refusal.denied(verdict, ErrorCode.POLICY_UNAVAILABLE, reasons, reasons));
    }
    ErrorCode code = denial(asking.caller());
    return verdict.visible().containsAll(names(matter))
        ? Mono.just(Refusal.denied(verdict, code, reasons, reasons))
        : toStrangers(asking, matter.unnamed(operation))
            .map(told -> Refusal.denied(verdict, code, reasons, told));
  }

  private Mono<Refusal> refusal(
      Asking asking,
      Matter.Judged matter,
      Operation operation,
      Unplannable fault,
      Verdict verdict) {
    Reason reason = GatewayReasons.unplannable(fault);
    if (verdict.visible().containsAll(names(matter))) {
      var shown = new Outcome.Fault(Pointers.ofArgument(fault.pointer()), fault.detail());
      return Mono.just(Refusal.wrongArgument(verdict, reason, shown));
    }
    List<Reason> recorded = withPolicys(reason, verdict.decision());
    if (GatewayReasons.engineFault(verdict.decision().reasons())
        && verdict.decision() instanceof Decision.Deny) {
      return Mono.just(
          Refusal.denied(
              verdict, ErrorCode.POLICY_UNAVAILABLE, recorded, verdict.decision().reasons()));
    }
    return toStrangers(asking, matter.unnamed(operation))
        .map(told -> Refusal.denied(verdict, denial(asking.caller()), recorded, told));
  }

  /** What the caller alone is the reason for; else the one sentence that fits everything. */
  private Mono<List<Reason>> toStrangers(Asking asking, Matter.Judged unnamed) {
    return evaluate(asking, unnamed)
        .map(verdict ->
            verdict.decision().reasons().stream()
                .filter(reason -> reason.about() == Reason.About.CALLER)
                .toList())
        .map(told -> told.isEmpty() ? List.of(GatewayReasons.UNAVAILABLE) : told);
  }

  private static List<Reason> withPolicys(Reason own, Decision decision) {
    return Stream.concat(Stream.of(own), decision.reasons().stream()).toList();
  }

  private static Set<ResourceName> names(Matter.Judged matter) {
    return matter.resources().stream().map(Touched::resource).collect(Collectors.toSet());
  }

  private static ErrorCode denial(Caller caller) {
    return switch (caller) {
      case Caller.UserCaller _ -> ErrorCode.DENIED;
      case Caller.AppCaller _ -> ErrorCode.APP_ONLY;
    };
  }

  private static Judgement appOnly(Verdict verdict) {
    return denied(verdict, ErrorCode.APP_ONLY, GatewayReasons.of(ErrorCode.APP_ONLY));
  }

  private static Judgement denied(Verdict verdict, ErrorCode code, Reason reason) {
    return Refusal.denied(verdict, code, List.of(reason), List.of(reason));
  }
}
