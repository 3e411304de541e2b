// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.identity.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Admits operators to acts and seals what they did.
 *
 * <p>Guarantees: an operator is a person of an operators' tenant who holds a role that the act is
 * open to, who is not frozen herself, and for a grave act has just signed in. A refusal of anybody
 * else is on the record before it is told; where the log cannot be written, nothing is told but
 * that.
 */
final class OperatorGate {
  /** How long a sign-in is good for a grave act. */
  private static final Duration FRESH = Duration.ofMinutes(5);

  private final OperatorSettings settings;
  private final AuditLog log;
  private final Freezes freezes;
  private final InstantSource clock;

  OperatorGate(OperatorSettings settings, AuditLog log, Freezes freezes, InstantSource clock) {
    this.settings = settings;
    this.log = log;
    this.freezes = freezes;
    this.clock = clock;
  }

  Mono<Operator> admit(Caller caller, Act act) {
    Caller.Facts facts = caller.facts();
    Set<Role> roles = Role.of(facts.roles());
    Operator operator =
        new Operator(
            new AuditEvent.Person(facts.tenant(), facts.objectId()),
            facts.client(),
            roles,
            facts.addresses());
    boolean person = caller instanceof Caller.UserCaller;
    if (!person || !settings.tenants().contains(facts.tenant()) || !act.isOpenTo(roles)) {
      return refuse(operator, act, ErrorCode.ROLE_REQUIRED);
    }
    if (freezes.isFrozen(facts.tenant(), facts.objectId())) {
      return refuse(operator, act, ErrorCode.FROZEN);
    }
    return act.isGrave() && !isFresh(facts)
        ? refuse(operator, act, ErrorCode.FRESH_SIGN_IN_REQUIRED)
        : Mono.just(operator);
  }

  /** A token that was renewed says when its person signed in, not when it was renewed. */
  private boolean isFresh(Caller.Facts facts) {
    Instant earliest = clock.instant().minus(FRESH);
    return facts.signedInAt().filter(at -> at.isAfter(earliest)).isPresent();
  }

  private Mono<Operator> refuse(Operator operator, Act act, ErrorCode why) {
    return seal(operator, act, "-", "refused")
        .flatMap(_ -> Mono.error(() -> Refusal.of(why, why.sentence())));
  }

  /** The tenants whose records this operator may see. */
  Set<String> visibleTo(Operator operator) {
    return settings.visibleTo(operator);
  }

  /**
   * Under the operator's own tenant: for what is about nobody's data.
   *
   * @param about what it was done to; no personal value
   * @param result one word
   */
  Mono<Receipt> seal(Operator operator, Act act, String about, String result) {
    return sealFor(operator.person().tenant(), operator, act, about, result);
  }

  /**
   * Under the tenant whose data it is about, where the operator may see its records: nobody writes
   * into the records of others. Else under the operator's own.
   */
  Mono<Receipt> seal(String tenant, Operator operator, Act act, String about, String result) {
    return sealFor(
        visibleTo(operator).contains(tenant) ? tenant : operator.person().tenant(),
        operator,
        act,
        about,
        result);
  }

  private Mono<Receipt> sealFor(
      String tenant, Operator operator, Act act, String about, String result) {
    return log.append(
        new OperatorActed(tenant, operator.person(), operator.client(), act.word(), about, result));
  }
}
