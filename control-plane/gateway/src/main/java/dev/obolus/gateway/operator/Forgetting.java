// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.operator.ValuesBody.Forget;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Makes what the log knows of somebody unreadable: one operator proposes it, another agrees.
 *
 * <p>Guarantees: neither of them is the person, by object id or by an address that their tokens
 * tell; nobody under a legal hold is forgotten, nor with a record, or a month in which an address
 * was named, younger than the minimum, nor while frozen: who is frozen would be forgotten too; the
 * proposal is about the very same keys; the erasure is on the record before a key is destroyed. All
 * of it is on the record of the person's tenant.
 */
final class Forgetting {
  private final OperatorGate gate;
  private final AuditLog log;
  private final PersonalValues values;
  private final Proposals proposals;
  private final RetentionSettings retention;
  private final Freezes freezes;
  private final Clock clock;

  Forgetting(
      OperatorGate gate,
      AuditLog log,
      PersonalValues values,
      Proposals proposals,
      RetentionSettings retention,
      Freezes freezes,
      Clock clock) {
    this.gate = gate;
    this.log = log;
    this.values = values;
    this.proposals = proposals;
    this.retention = retention;
    this.freezes = freezes;
    this.clock = clock;
  }

  /** What became of it. */
  record Step(boolean erased, Receipt receipt, int keys) {}

  Mono<Step> forget(Operator operator, Forget asked) {
    return values
        .find(asked.person(), asked.addresses())
        .flatMap(erasable ->
            objection(operator, asked, erasable)
                .map(code -> refuse(operator, asked, erasable, code))
                .orElseGet(() ->
                    asked
                        .proposal()
                        .map(place -> agree(operator, asked, erasable, place))
                        .orElseGet(() -> propose(operator, asked, erasable))));
  }

  private Optional<ErrorCode> objection(Operator operator, Forget asked, Erasable erasable) {
    String tenant = asked.person().tenant();
    if (!gate.visibleTo(operator).contains(tenant) || erasable.keys().isEmpty()) {
      return Optional.of(ErrorCode.NOT_FOUND);
    }
    if (operator.is(asked.person(), asked.addresses())) {
      return Optional.of(ErrorCode.SECOND_PERSON_REQUIRED);
    }
    if (retention.legalHolds().contains(tenant)
        || erasable.tenants().stream().anyMatch(retention.legalHolds()::contains)) {
      return Optional.of(ErrorCode.LEGAL_HOLD);
    }
    if (freezes.isFrozen(tenant, asked.person().objectId())) {
      return Optional.of(ErrorCode.FROZEN);
    }
    boolean young =
        retention.minimum().isPositive()
            && erasable
                .newest()
                .filter(newest -> newest.plus(retention.minimum()).isAfter(clock.instant()))
                .isPresent();
    return young ? Optional.of(ErrorCode.RETENTION_MINIMUM) : Optional.empty();
  }

  private Mono<Step> propose(Operator operator, Forget asked, Erasable erasable) {
    return gate.seal(
            asked.person().tenant(), operator, Act.FORGET, about(erasable), Proposals.PROPOSED)
        .map(receipt -> new Step(false, receipt, erasable.keys().size()));
  }

  private Mono<Step> agree(
      Operator operator, Forget asked, Erasable erasable, LogVerification.Place place) {
    return proposals
        .find(operator, Act.FORGET, about(erasable), place)
        .flatMap(proposer ->
            proposer.isPresent()
                ? erase(operator, asked, erasable, place)
                : refuse(operator, asked, erasable, ErrorCode.SECOND_PERSON_REQUIRED));
  }

  private Mono<Step> erase(
      Operator operator, Forget asked, Erasable erasable, LogVerification.Place place) {
    return log.append(
            new AuditEvent.Erased(
                asked.person().tenant(),
                operator.person(),
                operator.client(),
                about(erasable),
                asked.reason(),
                place.chain() + " " + place.seq(),
                erasable.keys()))
        .flatMap(receipt ->
            values.destroy(receipt).map(_ -> new Step(true, receipt, erasable.keys().size())));
  }

  private Mono<Step> refuse(Operator operator, Forget asked, Erasable erasable, ErrorCode code) {
    return gate.seal(asked.person().tenant(), operator, Act.FORGET, about(erasable), "refused")
        .flatMap(_ -> Mono.error(() -> Refusal.of(code, code.sentence())));
  }

  /** Whom, without saying who: the pseudonym, and a digest of the keys' names. */
  private static String about(Erasable erasable) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      erasable.keys().stream()
          .map(Bytes::hex)
          .sorted()
          .forEach(name -> sha256.update(HexFormat.of().parseHex(name)));
      return erasable.pseudonym().orElse("-")
          + " keys "
          + HexFormat.of().formatHex(sha256.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
