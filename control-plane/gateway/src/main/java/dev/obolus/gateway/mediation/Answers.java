// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.Receipt;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.Dispatched;
import dev.obolus.gateway.mediation.Judgement.Refusal;
import dev.obolus.policy.Decision;
import dev.obolus.policy.Decision.Demand;
import dev.obolus.terms.Obligation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a caller is told: kinds and codes, never counts, predicates or values. */
final class Answers {
  private static final String UNNAMED_RULE = "-";

  private Answers() {}

  static Outcome.Decided decided(String id, Receipt record, Decision.Permit permit) {
    return new Outcome.Decided(
        id, permit.effect(), record, permit.reasons(), AuditTranslator.kinds(permit.obligations()));
  }

  /**
   * Where only the caller's groups are missing, and he can do something so that they can be looked
   * up, he is told that.
   */
  static Outcome refused(Asking asking, Receipt record, Refusal refusal) {
    var decided =
        new Outcome.Decided(
            asking.decisionId(), refusal.effect(), record, refusal.told(), List.of());
    Optional<Outcome.Refused> lookUp =
        asking.lookUp().filter(_ -> GatewayReasons.groupsUnknown(refusal.told()));
    return new Outcome.Refused(
        lookUp.map(Outcome.Refused::code).orElse(refusal.code()),
        Optional.of(decided),
        Optional.empty(),
        refusal.told(),
        refusal.faults(),
        lookUp.flatMap(Outcome.Refused::claims),
        Optional.empty(),
        lookUp.flatMap(Outcome.Refused::exchange));
  }

  static Outcome failed(Outcome.Decided decided, Receipt receipt, Dispatched.Failed failure) {
    return new Outcome.Refused(
        failure.code(),
        Optional.of(decided),
        Optional.of(receipt),
        List.of(),
        List.of(),
        failure.claims(),
        failure.retryAfter(),
        failure.exchange());
  }

  /** The log could not be written. */
  static Outcome unrecorded(Optional<Outcome.Decided> decided) {
    return bare(ErrorCode.AUDIT_UNAVAILABLE, decided);
  }

  /** Something broke where no step could name it. */
  static Outcome broken() {
    return bare(ErrorCode.INTERNAL, Optional.empty());
  }

  private static Outcome bare(ErrorCode code, Optional<Outcome.Decided> decided) {
    return new Outcome.Refused(
        code, decided, Optional.empty(), List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /**
   * Under a row filter a failure that hidden rows can bring about is told by one code, so that it
   * tells nothing of them.
   */
  static Dispatched.Failed veiled(Dispatched.Failed failure, Decision.Permit permit) {
    boolean filtered =
        permit.obligations().stream().anyMatch(Obligation.RowFilter.class::isInstance);
    return filtered && dependsOnRows(failure.code())
        ? new Dispatched.Failed(
            ErrorCode.SOURCE_REJECTED,
            failure.bySource(),
            failure.state(),
            Optional.empty(),
            Optional.empty(),
            failure.usage())
        : failure;
  }

  private static boolean dependsOnRows(ErrorCode code) {
    return code == ErrorCode.SOURCE_MALFORMED
        || code == ErrorCode.SOURCE_NOT_FOUND
        || code == ErrorCode.RESULT_TOO_LARGE;
  }

  /** A source that reveals more each time it is called. */
  static Dispatched.Failed endless(SourceState state, Usage usage) {
    return new Dispatched.Failed(
        ErrorCode.INTERNAL, false, state, Optional.empty(), Optional.empty(), usage);
  }

  /** What a permit came to when a later decision of the same request ended it. */
  static Dispatched.Failed ended(ErrorCode code, SourceState state) {
    return new Dispatched.Failed(
        code, false, state, Optional.empty(), Optional.empty(), Usage.NONE);
  }

  /** Filters and masks hold whatever came; a limit kept something back only where rows were cut. */
  static List<Outcome.Withheld> withheld(Decision.Permit permit, ConnectorResult.Rows rows) {
    return permit.obligations().stream()
        .map(Obligation::kind)
        .distinct()
        .filter(kind -> rows.truncated() || !limits(kind))
        .flatMap(kind -> demanded(kind, permit.demands()))
        .toList();
  }

  private static boolean limits(Obligation.Kind kind) {
    return switch (kind) {
      case MAX_ROWS, MAX_BYTES -> true;
      case ROW_FILTER, COLUMN_MASK -> false;
    };
  }

  private static Stream<Outcome.Withheld> demanded(Obligation.Kind kind, List<Demand> demands) {
    List<Outcome.Withheld> named =
        demands.stream()
            .filter(demand -> demand.kind() == kind)
            .map(demand -> new Outcome.Withheld(kind.word(), demand.rule()))
            .distinct()
            .toList();
    return named.isEmpty()
        ? Stream.of(new Outcome.Withheld(kind.word(), UNNAMED_RULE))
        : named.stream();
  }
}
