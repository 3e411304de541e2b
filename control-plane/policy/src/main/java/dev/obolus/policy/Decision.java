// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import dev.obolus.terms.Obligation;
import java.util.List;

/** What policy says. Whatever is not a {@link Permit} lets nothing through. */
public sealed interface Decision {

  List<Reason> reasons();

  /** The effect's wire word. */
  String effect();

  /**
   * Go ahead, if every obligation is met.
   *
   * @param demands which rule asked for which kind of obligation, each pair once: a caller is told
   *     these and no obligation's values
   */
  record Permit(List<Obligation> obligations, List<Reason> reasons, List<Demand> demands)
      implements Decision {
    public Permit {
      obligations = List.copyOf(obligations);
      reasons = List.copyOf(reasons);
      demands = List.copyOf(demands);
    }

    public Permit(List<Obligation> obligations, List<Reason> reasons) {
      this(obligations, reasons, List.of());
    }

    @Override
    public String effect() {
      return "allow";
    }
  }

  /**
   * @param rule the code of the rule, such as {@code SALES-003}
   */
  record Demand(Obligation.Kind kind, String rule) {}

  /** No. There is at least one reason. */
  record Deny(List<Reason> reasons) implements Decision {
    public Deny {
      reasons = List.copyOf(reasons);
      if (reasons.isEmpty()) {
        throw new IllegalArgumentException("a denial has a reason");
      }
    }

    @Override
    public String effect() {
      return "deny";
    }
  }

  /** Only after a sign-in that satisfies these authentication contexts. */
  record StepUp(List<String> acrs, List<Reason> reasons) implements Decision {
    public StepUp {
      acrs = List.copyOf(acrs);
      reasons = List.copyOf(reasons);
    }

    @Override
    public String effect() {
      return "step_up";
    }
  }

  /** Only after somebody else's yes. */
  record ApprovalNeeded(List<Reason> reasons) implements Decision {
    public ApprovalNeeded {
      reasons = List.copyOf(reasons);
    }

    @Override
    public String effect() {
      return "approval_needed";
    }
  }
}
