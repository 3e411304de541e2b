// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Pseudonyms;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * What one operator proposes and another agrees to.
 *
 * <p>Guarantees: a proposal is believed only as a sealed record of this log, a day old at most, of
 * somebody else and about the very same. That it is sealed, a key says each time anew: the root key
 * its MAC where this process holds one; elsewhere the log's public keys, that the record is in the
 * tree that the log signed. Without either nothing is believed.
 */
final class Proposals {
  static final String PROPOSED = "proposed";

  private static final Duration DAY = Duration.ofDays(1);

  /** A record is signed within a second. */
  private static final Duration SOON = Duration.ofMillis(500);

  private static final int TRIES = 5;

  private final OperatorGate gate;
  private final AuditReader reader;
  private final Pseudonyms pseudonyms;
  private final LogVerification verification;
  private final BlockingWork blocking;
  private final Clock clock;

  Proposals(
      OperatorGate gate,
      AuditReader reader,
      Pseudonyms pseudonyms,
      LogVerification verification,
      BlockingWork blocking,
      Clock clock) {
    this.gate = gate;
    this.reader = reader;
    this.pseudonyms = pseudonyms;
    this.verification = verification;
    this.blocking = blocking;
    this.clock = clock;
  }

  /** The pseudonym of who proposed, if the proposal stands. */
  Mono<Optional<String>> find(
      Operator operator, Act act, String about, LogVerification.Place place) {
    return Mono.zip(
            reader.find(gate.visibleTo(operator), place.chain(), place.seq()),
            pseudonyms.of(operator.person()),
            isSealed(place, TRIES))
        .map(found ->
            found
                .getT1()
                .filter(_ -> found.getT3())
                .filter(record -> isProposal(record, act, about))
                .filter(record -> !Optional.of(record.person()).equals(found.getT2()))
                .map(AuditRecord::person));
  }

  /** By which the log knows the operator, once there is a record of theirs. */
  Mono<String> pseudonym(Operator operator) {
    return pseudonyms.of(operator.person()).map(known -> known.orElse("-"));
  }

  private Mono<Boolean> isSealed(LogVerification.Place place, int tries) {
    return blocking
        .run(() -> verification.verify(Optional.of(place)))
        .flatMap(report ->
            report.isPending() && tries > 1
                ? Mono.delay(SOON).flatMap(_ -> isSealed(place, tries - 1))
                : Mono.just(report.isSealed()));
  }

  private boolean isProposal(AuditRecord record, Act act, String about) {
    return record.event().equals("approval")
        && says(record, "action", act.word())
        && says(record, "result", PROPOSED)
        && says(record, "about", about)
        && record.at().plus(DAY).isAfter(clock.instant());
  }

  private static boolean says(AuditRecord record, String field, String text) {
    return record.fields().get(field) instanceof Field.Text(String said) && said.equals(text);
  }
}
