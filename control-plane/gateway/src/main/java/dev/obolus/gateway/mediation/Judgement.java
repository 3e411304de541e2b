// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.policy.Decision;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import java.util.List;
import java.util.Optional;

/** A decision with all that follows from it before anything is done about it. */
sealed interface Judgement {

  /** Policy permits, and every obligation can be met. */
  record Permitted(Verdict verdict, Decision.Permit permit) implements Judgement {}

  /**
   * Nothing is called.
   *
   * @param verdict absent where policy was not asked
   * @param effect the effect's wire word
   * @param recorded all the reasons, for the record
   * @param told those that this caller may know
   */
  record Refusal(
      Optional<Verdict> verdict,
      String effect,
      ErrorCode code,
      List<Reason> recorded,
      List<Reason> told,
      List<Outcome.Fault> faults)
      implements Judgement {
    private static final String DENY = "deny";

    static Refusal denied(
        Verdict verdict, ErrorCode code, List<Reason> recorded, List<Reason> told) {
      return new Refusal(Optional.of(verdict), DENY, code, recorded, told, List.of());
    }

    /** Refused by the gateway itself, before or without policy. */
    static Refusal unjudged(ErrorCode code, Reason reason, List<Outcome.Fault> faults) {
      return new Refusal(Optional.empty(), DENY, code, List.of(reason), List.of(reason), faults);
    }

    /** The caller may see the resource, and so is told what is wrong with the arguments. */
    static Refusal wrongArgument(Verdict verdict, Reason reason, Outcome.Fault fault) {
      return new Refusal(
          Optional.of(verdict),
          DENY,
          ErrorCode.WRONG_ARGUMENT,
          List.of(reason),
          List.of(reason),
          List.of(fault));
    }
  }
}
