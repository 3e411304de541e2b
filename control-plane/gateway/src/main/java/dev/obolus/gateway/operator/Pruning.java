// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.operator.PruneBody.Prune;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * Says which records may leave the log: one operator proposes it, another agrees. What it seals,
 * the database's owner carries out.
 *
 * <p>Guarantees: only records of tenants whose retention is over, that are under no legal hold and
 * that both operators may see, those included that an earlier prune of the month named, and none by
 * which something is frozen, or no longer is; a proposal is about exactly the same records; the
 * whole log was found sound just before the record is sealed, so that no prune covers up what was
 * tampered with.
 */
final class Pruning {
  private static final String FREEZES =
      "Records of that month say that something is frozen, or no longer: lift what is frozen, and"
          + " prune earlier months first.";

  private final OperatorGate gate;
  private final AuditLog log;
  private final PrunePlanning planning;
  private final Proposals proposals;
  private final LogVerification verification;
  private final BlockingWork blocking;
  private final RetentionSettings retention;
  private final Freezes freezes;
  private final Clock clock;

  Pruning(
      OperatorGate gate,
      AuditLog log,
      PrunePlanning planning,
      Proposals proposals,
      LogVerification verification,
      BlockingWork blocking,
      RetentionSettings retention,
      Freezes freezes,
      Clock clock) {
    this.gate = gate;
    this.log = log;
    this.planning = planning;
    this.proposals = proposals;
    this.verification = verification;
    this.blocking = blocking;
    this.retention = retention;
    this.freezes = freezes;
    this.clock = clock;
  }

  /** How far a prune has come. */
  enum State {
    PLANNED,
    PROPOSED,
    SEALED
  }

  /**
   * A tenant with records of the month.
   *
   * @param until when they may go
   */
  record Kept(String tenant, long records, Instant until, boolean held) {
    boolean isDue(Instant now) {
      return !held && !until.isAfter(now);
    }
  }

  /** What became of it. */
  record Step(State state, PrunePlan plan, List<Kept> kept, Receipt receipt) {}

  Mono<Step> prune(Operator operator, Prune asked) {
    return blocking
        .run(() -> planning.tenants(epoch(asked.month())))
        .flatMap(found -> prune(operator, asked, found));
  }

  private Mono<Step> prune(Operator operator, Prune asked, Map<String, Long> found) {
    List<Kept> kept = kept(operator, asked.month(), found);
    Set<String> due =
        kept.stream()
            .filter(one -> asked.tenants().isEmpty() || asked.tenants().contains(one.tenant()))
            .filter(one -> one.isDue(clock.instant()))
            .map(Kept::tenant)
            .collect(Collectors.toSet());
    Optional<ErrorCode> objection = objection(operator, asked, kept, due);
    if (objection.isPresent()) {
      return refuse(operator, asked, objection.get(), objection.get().sentence());
    }
    return blocking
        .run(() -> planning.plan(epoch(asked.month()), due))
        .flatMap(plan ->
            objection(plan, kept, found.keySet())
                .<Mono<Step>>map(code -> refuse(operator, asked, code, sentence(code)))
                .orElseGet(() -> go(operator, asked, kept, plan)))
        .onErrorResume(
            PrunePlan.NotYet.class,
            not ->
                refuse(operator, asked, ErrorCode.NOT_PRUNABLE, String.valueOf(not.getMessage())));
  }

  private List<Kept> kept(Operator operator, YearMonth month, Map<String, Long> found) {
    Set<String> visible = gate.visibleTo(operator);
    return found.entrySet().stream()
        .filter(one -> visible.contains(one.getKey()))
        .map(one ->
            new Kept(
                one.getKey(),
                one.getValue(),
                retention.mayGo(one.getKey(), month),
                retention.legalHolds().contains(one.getKey())))
        .toList();
  }

  private Optional<ErrorCode> objection(
      Operator operator, Prune asked, List<Kept> kept, Set<String> due) {
    if (!gate.visibleTo(operator).containsAll(asked.tenants()) || kept.isEmpty()) {
      return Optional.of(ErrorCode.NOT_FOUND);
    }
    if (asked.tenants().stream().anyMatch(retention.legalHolds()::contains)) {
      return Optional.of(ErrorCode.LEGAL_HOLD);
    }
    boolean early =
        !asked.month().isBefore(YearMonth.now(clock.withZone(ZoneOffset.UTC)))
            || kept.stream()
                .anyMatch(
                    one -> asked.tenants().contains(one.tenant()) && !due.contains(one.tenant()));
    boolean wanted = asked.propose() || asked.proposal().isPresent();
    return early || (wanted && due.isEmpty())
        ? Optional.of(ErrorCode.RETENTION_RUNNING)
        : Optional.empty();
  }

  /**
   * A plan takes along what earlier prunes of the month named. Where that was not carried out, or
   * its record is nobody's, records of these tenants are still there.
   */
  private Optional<ErrorCode> objection(PrunePlan plan, List<Kept> kept, Set<String> found) {
    Map<String, Kept> visible = kept.stream().collect(Collectors.toMap(Kept::tenant, one -> one));
    Set<String> going = plan.tenants().stream().filter(found::contains).collect(Collectors.toSet());
    if (!visible.keySet().containsAll(going)) {
      return Optional.of(ErrorCode.NOT_PRUNABLE);
    }
    if (going.stream().anyMatch(retention.legalHolds()::contains)) {
      return Optional.of(ErrorCode.LEGAL_HOLD);
    }
    return kept.stream()
            .filter(one -> going.contains(one.tenant()))
            .allMatch(one -> one.isDue(clock.instant()))
        ? Optional.empty()
        : Optional.of(ErrorCode.RETENTION_RUNNING);
  }

  private static String sentence(ErrorCode code) {
    return code == ErrorCode.NOT_PRUNABLE
        ? "An earlier prune of that month names records that you may not see and that are still"
            + " there: it is carried out first."
        : code.sentence();
  }

  private Mono<Step> go(Operator operator, Prune asked, List<Kept> kept, PrunePlan plan) {
    if (freezes.needs(chains(plan), Set.copyOf(plan.tenants()))) {
      return refuse(operator, asked, ErrorCode.NOT_PRUNABLE, FREEZES);
    }
    if (asked.proposal().isPresent()) {
      return agree(operator, asked, kept, plan, asked.proposal().get());
    }
    State state = asked.propose() ? State.PROPOSED : State.PLANNED;
    return gate.seal(
            operator, Act.PRUNE, about(plan), asked.propose() ? Proposals.PROPOSED : "planned")
        .map(receipt -> new Step(state, plan, kept, receipt));
  }

  private Mono<Step> agree(
      Operator operator,
      Prune asked,
      List<Kept> kept,
      PrunePlan plan,
      LogVerification.Place place) {
    return proposals
        .find(operator, Act.PRUNE, about(plan), place)
        .flatMap(proposer ->
            proposer.isPresent()
                ? soundly(operator, asked, agreed(operator, asked, plan, place, proposer.get()))
                    .map(receipt -> new Step(State.SEALED, plan, kept, receipt))
                : refuse(
                    operator,
                    asked,
                    ErrorCode.SECOND_PERSON_REQUIRED,
                    ErrorCode.SECOND_PERSON_REQUIRED.sentence()));
  }

  private Mono<Receipt> soundly(Operator operator, Prune asked, Mono<Receipt> sealing) {
    return blocking
        .run(() -> verification.verify(Optional.empty()).isSealed())
        .flatMap(sound ->
            sound
                ? sealing
                : refuse(
                    operator,
                    asked,
                    ErrorCode.NOT_PRUNABLE,
                    "The log does not verify: nothing leaves it until that is cleared up."));
  }

  /** The second person's word is a record of its own: the log's signer looks for both. */
  private Mono<Receipt> agreed(
      Operator operator,
      Prune asked,
      PrunePlan plan,
      LogVerification.Place proposal,
      String proposer) {
    return gate.seal(operator, Act.PRUNE, about(plan), "agreed")
        .zipWhen(_ -> proposals.pseudonym(operator)) // a newcomer has one from that record on
        .flatMap(done -> seal(asked, plan, proposal, proposer, done.getT1(), done.getT2()));
  }

  private Mono<Receipt> seal(
      Prune asked,
      PrunePlan plan,
      LogVerification.Place proposal,
      String proposer,
      Receipt agreement,
      String other) {
    return log.append(
        new AuditEvent.Pruned(
            plan.epoch(),
            plan.tenants(),
            plan.chains(),
            plan.tree(),
            retention.rule(plan.tenants()),
            List.of(proposer, other),
            asked.reason(),
            proposal.chain()
                + " "
                + proposal.seq()
                + " "
                + agreement.chain()
                + " "
                + agreement.seq(),
            asked.export()));
  }

  private <T> Mono<T> refuse(Operator operator, Prune asked, ErrorCode code, String sentence) {
    return gate.seal(operator, Act.PRUNE, Integer.toString(epoch(asked.month())), "refused")
        .flatMap(_ -> Mono.error(() -> Refusal.of(code, sentence)));
  }

  /** Each line of a plan begins with its chain. */
  private static Set<ChainId> chains(PrunePlan plan) {
    return plan.chains().stream()
        .map(line -> ChainId.parse(line.substring(0, line.indexOf(' '))))
        .collect(Collectors.toSet());
  }

  private static String about(PrunePlan plan) {
    return plan.epoch() + " plan " + plan.digest();
  }

  private static int epoch(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }
}
