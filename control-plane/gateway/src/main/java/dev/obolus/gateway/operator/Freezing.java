// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.Receipt;
import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.freeze.Freeze;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.freeze.Scope;
import dev.obolus.gateway.operator.FreezeBody.Asked;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Sets and lifts freezes.
 *
 * <p>Guarantees: a freeze, or its end, is on the record before anything is done about it, and holds
 * at this gateway before it is answered; where the log cannot be read just then, it is answered all
 * the same and holds from the next reading on. Nobody freezes or lifts beyond the tenants whose
 * records they may see; nobody lifts what they froze.
 */
final class Freezing implements AutoCloseable {
  private static final Duration TAKEN_UP_WITHIN = Duration.ofSeconds(5);
  private static final int WAITING = 64;
  private static final Logger LOG = LoggerFactory.getLogger(Freezing.class);
  private static final String REFUSED = "refused";

  private final OperatorGate gate;
  private final AuditLog log;
  private final Freezes freezes;
  private final Pseudonyms pseudonyms;
  private final Scheduler looking;
  private final Set<String> tenants;

  /**
   * @param looking where the log may be read at once
   * @param tenants those that are served
   */
  Freezing(
      OperatorGate gate,
      AuditLog log,
      Freezes freezes,
      Pseudonyms pseudonyms,
      Scheduler looking,
      Set<String> tenants) {
    this.gate = gate;
    this.log = log;
    this.freezes = freezes;
    this.pseudonyms = pseudonyms;
    this.looking = looking;
    this.tenants = Set.copyOf(tenants);
  }

  /** Gives the freeze's own record. */
  Mono<Receipt> set(Operator operator, Asked asked) {
    return about(asked.scope())
        .flatMap(about ->
            reaches(operator, asked.scope())
                ? sealed(operator, Act.FREEZE, about, "frozen")
                    .flatMap(sealed -> log.append(frozen(asked, sealed)))
                    .flatMap(this::takenUp)
                : refuse(operator, Act.FREEZE, about, beyond(asked.scope())));
  }

  private static AuditEvent frozen(Asked asked, Sealed act) {
    Scope scope = asked.scope();
    return new AuditEvent.Frozen(
        scope.onlyTenant().orElse("-"),
        scope.word(),
        scope instanceof Scope.Person(String tenant, String objectId)
            ? Optional.of(new Person(tenant, objectId))
            : Optional.empty(),
        scope instanceof Scope.Agent(String client) ? Optional.of(client) : Optional.empty(),
        scope instanceof Scope.Source(ConnectorId connector)
            ? Optional.of(connector.value())
            : Optional.empty(),
        asked.until(),
        act.operator(),
        asked.reason(),
        act.place());
  }

  /** Those in force that the operator may know of. */
  Mono<List<Freeze>> list(Operator operator) {
    return gate.seal(operator, Act.SEE_FREEZES, "freezes", "listed")
        .map(_ -> freezes.inForce().stream().filter(one -> isVisible(operator, one)).toList());
  }

  /** Gives the record of the freeze's end. */
  Mono<Receipt> lift(Operator operator, Place place, String reason) {
    return pseudonym(operator)
        .flatMap(who ->
            freezes.inForce().stream()
                .filter(one -> one.record().equals(place) && isVisible(operator, one))
                .findFirst()
                .map(freeze -> lift(operator, who, freeze, reason))
                .orElseGet(
                    () -> refuse(operator, Act.LIFT, place.toString(), ErrorCode.NOT_FOUND)));
  }

  private Mono<Receipt> lift(Operator operator, String who, Freeze freeze, String reason) {
    String about = freeze.record().toString();
    if (!reaches(operator, freeze.scope())) {
      return refuse(operator, Act.LIFT, about, ErrorCode.ROLE_REQUIRED);
    }
    if (freeze.operator().equals(who)) {
      return refuse(operator, Act.LIFT, about, ErrorCode.OTHER_OPERATOR_REQUIRED);
    }
    return sealed(operator, Act.LIFT, about, "lifted")
        .flatMap(act ->
            log.append(
                new AuditEvent.Unfrozen(
                    freeze.scope().onlyTenant().orElse("-"),
                    about,
                    act.operator(),
                    reason,
                    act.place())))
        .flatMap(this::takenUp);
  }

  /** What the operator did, on the record. */
  private record Sealed(String place, String operator) {}

  private Mono<Sealed> sealed(Operator operator, Act act, String about, String result) {
    return gate.seal(operator, act, about, result)
        .zipWhen(_ -> pseudonym(operator)) // a newcomer has one from here on
        .map(done -> new Sealed(done.getT1().chain() + " " + done.getT1().seq(), done.getT2()));
  }

  private Mono<String> pseudonym(Operator operator) {
    return pseudonyms.of(operator.person()).map(known -> known.orElse("-"));
  }

  private Mono<Receipt> takenUp(Receipt receipt) {
    freezes.sealed(new Place(receipt.chain(), receipt.seq()));
    return takenUp(receipt, freezes, looking);
  }

  static Mono<Receipt> takenUp(Receipt receipt, Freezes freezes, Scheduler looking) {
    return Mono.fromCallable(
            () -> {
              freezes.look();
              return receipt;
            })
        .subscribeOn(looking)
        .timeout(TAKEN_UP_WITHIN)
        .onErrorResume(fault -> takenUpLater(receipt, fault));
  }

  /** It is sealed: the watch takes it up, here as at every other gateway. */
  private static Mono<Receipt> takenUpLater(Receipt receipt, Throwable fault) {
    LOG.atWarn()
        .addKeyValue("fault", fault.getClass().getName())
        .log("a freeze was sealed and could not be taken up at once");
    return Mono.just(receipt);
  }

  /** A thread of its own: whole verifications of the log do not hold it up. */
  static Scheduler thread() {
    return Schedulers.newBoundedElastic(
        1, WAITING, Thread.ofVirtual().name("freeze-", 0).factory(), 30);
  }

  @Override
  public void close() {
    looking.dispose();
  }

  private boolean isVisible(Operator operator, Freeze freeze) {
    return freeze.scope().onlyTenant().map(gate.visibleTo(operator)::contains).orElse(true);
  }

  /** What concerns everybody needs somebody who sees everybody's records. */
  private boolean reaches(Operator operator, Scope scope) {
    Set<String> visible = gate.visibleTo(operator);
    return scope.onlyTenant().map(visible::contains).orElseGet(() -> visible.containsAll(tenants));
  }

  private static ErrorCode beyond(Scope scope) {
    return scope.onlyTenant().isPresent() ? ErrorCode.NOT_FOUND : ErrorCode.ROLE_REQUIRED;
  }

  /** Without a personal value: a person by pseudonym, if the log knows one. */
  private Mono<String> about(Scope scope) {
    return switch (scope) {
      case Scope.Person(String tenant, String objectId) ->
          pseudonyms
              .of(new Person(tenant, objectId))
              .map(known -> "person " + tenant + " " + known.orElse("-"));
      case Scope.Agent(String client) -> Mono.just("agent " + client);
      case Scope.Tenant(String id) -> Mono.just("tenant " + id);
      case Scope.Source(ConnectorId connector) -> Mono.just("connector " + connector.value());
      case Scope.Everything _ -> Mono.just("everything");
    };
  }

  private <T> Mono<T> refuse(Operator operator, Act act, String about, ErrorCode code) {
    return gate.seal(operator, act, about, REFUSED)
        .flatMap(_ -> Mono.error(() -> Refusal.of(code, code.sentence())));
  }
}
