// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.identity.Caller;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Admits operators to acts and seals what they did.
 *
 * <p>Guarantees: an operator is a person of an operators' tenant who holds a role that the act is
 * open to. A refusal of anybody else is on the record before it is told; where the log cannot be
 * written, nothing is told but that.
 */
final class OperatorGate {
  private final OperatorSettings settings;
  private final AuditLog log;

  OperatorGate(OperatorSettings settings, AuditLog log) {
    this.settings = settings;
    this.log = log;
  }

  Mono<Operator> admit(Caller caller, Act act) {
    Caller.Facts facts = caller.facts();
    Set<Role> roles = Role.of(facts.roles());
    Operator operator =
        new Operator(
            new AuditEvent.Person(facts.tenant(), facts.objectId()), facts.client(), roles);
    boolean person = caller instanceof Caller.UserCaller;
    return person && settings.tenants().contains(facts.tenant()) && act.isOpenTo(roles)
        ? Mono.just(operator)
        : seal(operator, act, "-", "refused").flatMap(_ -> Mono.error(OperatorGate::refusal));
  }

  /** The tenants whose records this operator may see. */
  Set<String> visibleTo(Operator operator) {
    return settings.visibleTo(operator);
  }

  /**
   * @param about what it was done to; no personal value
   * @param result one word
   */
  Mono<Receipt> seal(Operator operator, Act act, String about, String result) {
    return log.append(
        new OperatorActed(
            operator.person().tenant(),
            operator.person(),
            operator.client(),
            act.word(),
            about,
            result));
  }

  private static Refusal refusal() {
    return Refusal.of(ErrorCode.ROLE_REQUIRED, ErrorCode.ROLE_REQUIRED.sentence());
  }
}
