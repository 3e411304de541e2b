// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.connector.AccessPlan.Touched;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.gateway.dispatch.Dispatched;
import dev.obolus.gateway.dispatch.SourceContact;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Attempt.Permit;
import dev.obolus.gateway.mediation.Judgement.Permitted;
import dev.obolus.gateway.mediation.Judgement.Refusal;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Revision;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Obligation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The only mapping from the request path to the audit log's words. */
final class AuditTranslator {
  private static final String NONE = "-";

  private final String environment;
  private final InstantSource clock;

  AuditTranslator(String environment, InstantSource clock) {
    this.environment = environment;
    this.clock = clock;
  }

  AuditEvent.Decided permitted(Asking asking, Matter.Judged matter, Permitted permitted) {
    List<Obligation> obligations = permitted.permit().obligations();
    return decided(
        asking,
        matter,
        permitted.permit().effect(),
        permitted.permit().reasons(),
        obligations,
        Optional.of(permitted.verdict()));
  }

  AuditEvent.Decided refused(Asking asking, Matter matter, Refusal refusal) {
    return decided(
        asking, matter, refusal.effect(), refusal.recorded(), List.of(), refusal.verdict());
  }

  AuditEvent.Served served(Permit permit, Dispatched.Answered answer, List<String> withheldKinds) {
    return new AuditEvent.Served(
        conclusion(permit, answer.rows().rows().size(), answer.usage()),
        answer.rows().truncated(),
        withheldKinds);
  }

  AuditEvent.Failed failed(Permit permit, Dispatched.Failed failure) {
    Usage usage = failure.usage();
    return new AuditEvent.Failed(
        conclusion(permit, usage.rows(), usage),
        failure.code().word(),
        failure.bySource(),
        failure.state().word());
  }

  AuditEvent.Cancelled cancelled(Permit permit) {
    return new AuditEvent.Cancelled(
        conclusion(permit, 0, Usage.NONE), permit.attempt().contact().state().word());
  }

  private AuditEvent.Decided decided(
      Asking asking,
      Matter matter,
      String effect,
      List<Reason> reasons,
      List<Obligation> obligations,
      Optional<Verdict> verdict) {
    Caller.Facts facts = asking.caller().facts();
    Ask ask = asking.ask();
    return new AuditEvent.Decided(
        asking.decisionId(),
        facts.tenant(),
        person(asking.caller()),
        new AuditEvent.Actor(
            facts.client(), verdict.flatMap(Verdict::agent), facts.strength().word(), ask.via()),
        lane(matter),
        environment,
        matter.connector(),
        matter.operation(),
        actionClass(matter),
        resources(matter, verdict),
        ask.purpose(),
        ask.conversation(),
        Optional.of(ask.traceId()),
        facts.tokenId(),
        asking.clientRequestId(),
        effect,
        reasons.stream().map(AuditTranslator::reason).toList(),
        kinds(obligations),
        verdict.map(Verdict::revision).map(Revision::digest).orElse(NONE),
        verdict.map(Verdict::evaluator).orElse(NONE),
        took(asking),
        statement(matter),
        obligations.isEmpty() ? Optional.empty() : Optional.of(ObligationJson.of(obligations)),
        verdict
            .map(Verdict::inputs)
            .filter(inputs -> !inputs.isEmpty())
            .map(AuditTranslator::array));
  }

  /** The kinds, each once. */
  static List<String> kinds(List<Obligation> obligations) {
    return obligations.stream().map(obligation -> obligation.kind().word()).distinct().toList();
  }

  /** Whatever came of the call, by which ids Entra and the source know it. */
  private AuditEvent.Conclusion conclusion(Permit permit, long rows, Usage usage) {
    SourceContact contact = permit.attempt().contact();
    return AuditEvent.Conclusion.of(
        permit.event(),
        permit.receipt(),
        rows,
        usage.bytes(),
        contact.entraCorrelationId(),
        contact.upstreamIds(),
        took(permit.asking()));
  }

  private Duration took(Asking asking) {
    Duration took = Duration.between(asking.since(), clock.instant());
    return took.isNegative() ? Duration.ZERO : took;
  }

  private static Optional<AuditEvent.Person> person(Caller caller) {
    return switch (caller) {
      case Caller.UserCaller user ->
          Optional.of(new AuditEvent.Person(user.facts().tenant(), user.facts().objectId()));
      case Caller.AppCaller _ -> Optional.empty();
    };
  }

  private static String lane(Matter matter) {
    return switch (matter) {
      case Matter.Judged judged -> judged.lane().word();
      case Matter.Unlisted _ -> NONE;
    };
  }

  private static String actionClass(Matter matter) {
    return switch (matter) {
      case Matter.Judged judged -> judged.actionClass().word();
      case Matter.Unlisted _ -> NONE;
    };
  }

  private static Optional<String> statement(Matter matter) {
    return switch (matter) {
      case Matter.Judged judged -> judged.statement();
      case Matter.Unlisted _ -> Optional.empty();
    };
  }

  private static List<AuditEvent.Resource> resources(Matter matter, Optional<Verdict> verdict) {
    return switch (matter) {
      case Matter.Judged judged ->
          judged.resources().stream().map(touched -> resource(touched, verdict)).toList();
      case Matter.Unlisted _ -> List.of();
    };
  }

  private static AuditEvent.Resource resource(Touched touched, Optional<Verdict> verdict) {
    Verdict.Labels labels =
        verdict
            .flatMap(judged -> Optional.ofNullable(judged.labels().get(touched.resource())))
            .orElseGet(() -> new Verdict.Labels(Set.of(), Map.of()));
    return new AuditEvent.Resource(
        touched.resource().value(),
        sorted(labels.resource()),
        touched.columns().stream().sorted().map(name -> column(name, labels)).toList());
  }

  private static AuditEvent.Column column(String name, Verdict.Labels labels) {
    return new AuditEvent.Column(name, sorted(labels.columns().getOrDefault(name, Set.of())));
  }

  private static List<String> sorted(Set<String> labels) {
    return labels.stream().sorted().toList();
  }

  private static AuditEvent.Reason reason(Reason reason) {
    return new AuditEvent.Reason(reason.code(), reason.layer(), reason.args());
  }

  private static String array(List<String> inputs) {
    return "[" + String.join(",", inputs) + "]";
  }
}
