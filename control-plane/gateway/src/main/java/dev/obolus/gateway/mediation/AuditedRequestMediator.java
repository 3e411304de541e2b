// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Receipt;
import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.dispatch.Dispatched;
import dev.obolus.gateway.dispatch.Dispatcher;
import dev.obolus.gateway.dispatch.SourceContact;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.freeze.Passage;
import dev.obolus.gateway.freeze.Standing;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Attempt.Permit;
import dev.obolus.gateway.mediation.Judgement.Permitted;
import dev.obolus.gateway.mediation.Judgement.Refusal;
import dev.obolus.gateway.mediation.Recording.Recorded;
import dev.obolus.policy.PolicyEvaluator;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The one place that knows the order of steps:
 *
 * <ol>
 *   <li>make the request known to the freezes, then ask whether it is frozen ({@link Freezes});
 *   <li>look the connector, the operation and its arguments up in the catalogue;
 *   <li>where the caller's token leaves out his groups, look them up by a request of its own, which
 *       takes all of these steps ({@link Memberships});
 *   <li>plan: what would be touched ({@link Connector#plan}, without contact);
 *   <li>ask policy, once per resource, and see that the plan can meet every obligation;
 *   <li>record the decision with all of its inputs, and wait until it is durable;
 *   <li>ask again whether it is frozen: from here on a freeze stops the call itself;
 *   <li>only a durable permit becomes an {@link AuthorizedRequest}, with the smallest of the
 *       caller's, the obligations' and the configured limits;
 *   <li>dispatch it; where the source reveals that it would touch more, back to policy;
 *   <li>record the outcome, and answer once that is durable.
 * </ol>
 *
 * <p>Guarantees: no source is touched before its permit is durable, no rows leave before their
 * outcome is, and nothing is ever called twice under one permit. Every refusal of a caller is one
 * record. If the log cannot be written nothing is served. A caller who hangs up cannot take his
 * record along.
 */
public final class AuditedRequestMediator implements RequestMediator {
  private static final Logger LOG = LoggerFactory.getLogger(AuditedRequestMediator.class);

  private static final ErrorCode WRONG = ErrorCode.WRONG_ARGUMENT;

  private final Freezes freezes;
  private final ConnectorCatalogue catalogue;
  private final Memberships memberships;
  private final Judge judge;
  private final Recording recording;
  private final AuditTranslator translator;
  private final DelegatedAccessProvider access;
  private final Dispatcher dispatcher;
  private final MediationSettings settings;
  private final Supplier<String> ids;
  private final InstantSource clock;

  /**
   * @param ids gives a new id each time, see {@link DecisionIds}
   */
  public AuditedRequestMediator(
      Freezes freezes,
      ConnectorCatalogue catalogue,
      Memberships memberships,
      PolicyEvaluator evaluator,
      AuditLog log,
      DelegatedAccessProvider access,
      Dispatcher dispatcher,
      MediationSettings settings,
      Supplier<String> ids,
      InstantSource clock) {
    this.freezes = freezes;
    this.catalogue = catalogue;
    this.memberships = memberships;
    this.judge = new Judge(evaluator, new PolicyInputs(settings.environment(), clock));
    this.recording = new Recording(log);
    this.translator = new AuditTranslator(settings.environment(), clock);
    this.access = access;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public Mono<Outcome> mediate(Caller caller, Ask ask) {
    return Mono.using(
            () -> freezes.enter(caller.facts(), ask.connector()),
            passage ->
                enter(new Asking(caller, ask, ids.get(), ids.get(), clock.instant()), passage),
            Passage::leave)
        .onErrorResume(AuditedRequestMediator::unexpected);
  }

  private Mono<Outcome> enter(Asking asking, Passage passage) {
    Resolution resolution = Resolution.of(asking.ask(), catalogue, settings.limits());
    return held(passage)
        .map(code ->
            refuse(
                asking,
                resolution.matter(),
                Refusal.unjudged(code, GatewayReasons.of(code), List.of())))
        .orElseGet(() -> resolve(asking, passage, resolution));
  }

  /** Why it may not go on, if it is frozen, or if nobody knows. */
  private static Optional<ErrorCode> held(Passage passage) {
    return switch (passage.standing()) {
      case Standing.CLEAR -> Optional.empty();
      case Standing.FROZEN -> Optional.of(ErrorCode.FROZEN);
      case Standing.UNKNOWN -> Optional.of(ErrorCode.FREEZE_UNKNOWN);
    };
  }

  private Mono<Outcome> resolve(Asking asking, Passage passage, Resolution resolution) {
    return switch (resolution) {
      case Resolution.Found(Connector connector, DataRequest request) ->
          memberships
              .complete(asking.caller(), asking.ask(), this)
              .flatMap(completed -> plan(asking.by(completed), connector, request, passage));
      case Resolution.Unknown(ErrorCode code, Matter.Unlisted matter) ->
          refuse(asking, matter, Refusal.unjudged(code, GatewayReasons.of(code), List.of()));
      case Resolution.Unfit(Matter.Judged matter, List<Outcome.Fault> faults) ->
          refuse(asking, matter, Refusal.unjudged(WRONG, GatewayReasons.of(WRONG), faults));
    };
  }

  private Mono<Outcome> plan(
      Asking asking, Connector connector, DataRequest request, Passage passage) {
    Matter.Judged unplanned = Matter.Judged.of(connector.id().value(), request.operation());
    Planning planning;
    try {
      planning = connector.plan(request);
    } catch (RuntimeException fault) {
      return refuse(asking, unplanned, internal(asking, fault));
    }
    return switch (planning) {
      case Planning.Planned(AccessPlan plan) -> decide(attempt(asking, connector, passage), plan);
      case Unplannable fault -> unplannable(asking, request, unplanned, fault);
    };
  }

  private Mono<Outcome> unplannable(
      Asking asking, DataRequest request, Matter.Judged unplanned, Unplannable fault) {
    Matter.Judged matter = fault.about().map(unplanned::about).orElse(unplanned);
    return judge
        .judge(asking, matter, request.operation(), fault)
        .onErrorResume(broken -> Mono.just(internal(asking, broken)))
        .flatMap(refusal -> refuse(asking, matter, refusal));
  }

  private Mono<Outcome> decide(Attempt attempt, AccessPlan plan) {
    Matter.Judged matter = Matter.Judged.of(plan);
    return judge
        .judge(attempt.asking(), plan)
        .onErrorResume(fault -> Mono.just(internal(attempt.asking(), fault)))
        .flatMap(judgement ->
            switch (judgement) {
              case Permitted permitted -> permit(attempt, plan, matter, permitted);
              case Refusal refusal -> refuse(attempt, matter, refusal);
            });
  }

  private Mono<Outcome> permit(
      Attempt attempt, AccessPlan plan, Matter.Judged matter, Permitted permitted) {
    AuditEvent.Decided event = translator.permitted(attempt.asking(), matter, permitted);
    return recording
        .permit(event)
        .flatMap(recorded ->
            switch (recorded) {
              case Recorded.Kept(Receipt receipt) ->
                  call(new Permit(attempt, plan, permitted, event, receipt));
              case Recorded.Lost _ -> unrecorded(attempt);
            })
        .doOnCancel(attempt.bracket()::hangUp);
  }

  private Mono<Outcome> call(Permit permit) {
    Attempt attempt = permit.attempt();
    if (!attempt.bracket().open(permit)) {
      return Mono.empty();
    }
    return held(attempt.passage())
        .map(code -> failed(permit, Answers.ended(code, attempt.contact().state())))
        .orElseGet(() -> dispatch(permit));
  }

  private Mono<Outcome> dispatch(Permit permit) {
    Attempt attempt = permit.attempt();
    return attempt
        .passage()
        .unlessStopped(
            dispatcher.run(
                attempt.connector(),
                permit.authorized(settings),
                () -> delegated(attempt),
                attempt.contact()),
            () -> Answers.ended(ErrorCode.FROZEN, attempt.contact().state()))
        .flatMap(dispatched -> conclude(permit, dispatched));
  }

  private Mono<Outcome> conclude(Permit permit, Dispatched dispatched) {
    return switch (dispatched) {
      case Dispatched.Replanned(AccessPlan plan, _) when permit.round() <= settings.replans() ->
          decide(permit.next(), plan);
      case Dispatched.Replanned(_, Usage usage) ->
          failed(permit, Answers.endless(permit.attempt().contact().state(), usage));
      case Dispatched.Answered answer -> served(permit, answer);
      case Dispatched.Failed failure ->
          failed(permit, Answers.veiled(failure, permit.permitted().permit()));
    };
  }

  private Mono<Outcome> served(Permit permit, Dispatched.Answered answer) {
    List<Outcome.Withheld> withheld = Answers.withheld(permit.permitted().permit(), answer.rows());
    List<String> kinds = withheld.stream().map(Outcome.Withheld::kind).distinct().toList();
    return outcome(
        permit,
        translator.served(permit, answer, kinds),
        receipt -> new Outcome.Answered(permit.decided(), receipt, answer.rows(), withheld));
  }

  private Mono<Outcome> failed(Permit permit, Dispatched.Failed failure) {
    return outcome(
        permit,
        translator.failed(permit, failure),
        receipt -> Answers.failed(permit.decided(), receipt, failure));
  }

  /** The outcome's record, and then the answer; nothing where the caller has hung up before. */
  private Mono<Outcome> outcome(
      Permit permit, AuditEvent event, Function<Receipt, Outcome> answer) {
    if (!permit.attempt().bracket().close()) {
      return Mono.empty();
    }
    return recording
        .regardless(event)
        .map(recorded ->
            switch (recorded) {
              case Recorded.Kept(Receipt receipt) -> answer.apply(receipt);
              case Recorded.Lost _ -> Answers.unrecorded(Optional.of(permit.decided()));
            });
  }

  private Mono<Outcome> refuse(Asking asking, Matter matter, Refusal refusal) {
    return recording
        .regardless(translator.refused(asking, matter, refusal))
        .map(recorded ->
            switch (recorded) {
              case Recorded.Kept(Receipt receipt) -> Answers.refused(asking, receipt, refusal);
              case Recorded.Lost _ -> Answers.unrecorded(Optional.empty());
            });
  }

  /** A refusal after a source revealed more also ends the permit that it was called under. */
  private Mono<Outcome> refuse(Attempt attempt, Matter matter, Refusal refusal) {
    Mono<Outcome> refused = refuse(attempt.asking(), matter, refusal);
    return attempt
        .earlier()
        .map(earlier -> refused.flatMap(answer -> ended(earlier, refusal.code(), answer)))
        .orElse(refused)
        .doOnCancel(attempt.bracket()::hangUp);
  }

  /** No permit was recorded: an earlier one of the same request has no other outcome than this. */
  private Mono<Outcome> unrecorded(Attempt attempt) {
    Outcome answer = Answers.unrecorded(Optional.empty());
    return attempt
        .earlier()
        .map(earlier -> ended(earlier, ErrorCode.AUDIT_UNAVAILABLE, answer))
        .orElse(Mono.just(answer));
  }

  private Mono<Outcome> ended(Permit permit, ErrorCode code, Outcome answer) {
    var failure = Answers.ended(code, permit.attempt().contact().state());
    return outcome(permit, translator.failed(permit, failure), _ -> answer);
  }

  private Attempt attempt(Asking asking, Connector connector, Passage passage) {
    var bracket = new Bracket(permit -> recording.offer(translator.cancelled(permit)));
    return new Attempt(asking, connector, passage, bracket, new SourceContact(), Optional.empty());
  }

  private DelegatedAccess delegated(Attempt attempt) {
    Asking asking = attempt.asking();
    return switch (asking.caller()) {
      case Caller.UserCaller(var subject, _) ->
          access.forSubject(subject, attempt.connector().id(), asking.correlation());
      case Caller.AppCaller _ -> throw new IllegalStateException("an application has no subject");
    };
  }

  private static Refusal internal(Asking asking, Throwable fault) {
    broken(asking.decisionId(), fault);
    return Refusal.unjudged(ErrorCode.INTERNAL, GatewayReasons.of(ErrorCode.INTERNAL), List.of());
  }

  private static Mono<Outcome> unexpected(Throwable fault) {
    broken("-", fault);
    return Mono.fromSupplier(Answers::broken);
  }

  private static void broken(String decisionId, Throwable fault) {
    // The message may quote a statement or a value, so the kind and the place only.
    StackTraceElement[] trace = fault.getStackTrace();
    LOG.atError()
        .addKeyValue("decision", decisionId)
        .addKeyValue("fault", fault.getClass().getName())
        .addKeyValue("at", trace.length == 0 ? "-" : trace[0].toString())
        .log("a step of a request broke");
  }
}
