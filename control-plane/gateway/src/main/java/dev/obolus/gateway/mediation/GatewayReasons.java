// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.policy.Decision;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Revision;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Obligation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reasons that are the gateway's own; their codes are error codes, so policy has none of them. */
final class GatewayReasons {
  private static final String LAYER = "gateway";
  private static final String ENGINE = "engine";

  /** Said alike of what is withheld and of what was invented. */
  static final Reason UNAVAILABLE =
      new Reason(
          "ORG-001",
          "org",
          Reason.About.RESOURCE,
          "This is not available to you, or does not exist.",
          Map.of());

  /** The organisation's rule against whose groups are not all known. */
  private static final String GROUPS_UNKNOWN = "ORG-016";

  private GatewayReasons() {}

  /** Whether the caller would be told nothing else than that his groups are not all known. */
  static boolean groupsUnknown(List<Reason> told) {
    return !told.isEmpty() && told.stream().allMatch(r -> r.code().equals(GROUPS_UNKNOWN));
  }

  static Reason of(ErrorCode code) {
    return new Reason(code.word(), LAYER, Reason.About.REQUEST, code.sentence(), Map.of());
  }

  static Reason unsupported(Obligation obligation) {
    ErrorCode code = ErrorCode.OBLIGATION_UNSUPPORTED;
    return new Reason(
        code.word(),
        LAYER,
        Reason.About.REQUEST,
        code.sentence(),
        Map.of("obligation", obligation.kind().word()));
  }

  static Reason laneUnsupported() {
    return new Reason(
        "lane_unsupported",
        LAYER,
        Reason.About.REQUEST,
        "This gateway cannot take this operation's way to its source.",
        Map.of());
  }

  static Reason unplannable(Unplannable fault) {
    return new Reason(
        ErrorCode.WRONG_ARGUMENT.word(),
        LAYER,
        Reason.About.REQUEST,
        ErrorCode.WRONG_ARGUMENT.sentence(),
        Map.of(
            "fault", fault.fault().name().toLowerCase(Locale.ROOT),
            "pointer", Pointers.ofArgument(fault.pointer())));
  }

  /** The verdict where the evaluator broke its promise to give one. */
  static Verdict noVerdict() {
    Reason reason =
        new Reason(
            "ENG-002", ENGINE, Reason.About.REQUEST, "Policy could not be evaluated.", Map.of());
    return new Verdict(
        new Decision.Deny(List.of(reason)),
        Revision.NONE,
        "-",
        Set.of(),
        Map.of(),
        Optional.empty(),
        List.of());
  }

  /**
   * Whether the engine, and nothing that a rule said, denied. An input that is not of its schema
   * (ENG-007) is the caller's matter: the others mean that policy could not be asked.
   */
  static boolean engineFault(List<Reason> reasons) {
    return reasons.stream().allMatch(r -> r.layer().equals(ENGINE) && !r.code().equals("ENG-007"));
  }
}
