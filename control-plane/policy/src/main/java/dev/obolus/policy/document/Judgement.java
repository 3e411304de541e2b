// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What policy said of one resource, checked.
 *
 * @param visible every owner grants this caller the resource
 */
public record Judgement(
    Effect effect,
    List<Reason> reasons,
    List<Obligation> obligations,
    Set<String> acrs,
    Optional<ResourceName> resource,
    boolean visible,
    Verdict.Labels labels,
    Optional<String> agent) {
  public Judgement {
    reasons = List.copyOf(reasons);
    obligations = List.copyOf(obligations);
    acrs = Set.copyOf(acrs);
  }

  /** The weakest first: what stands further down overrides. */
  public enum Effect {
    ALLOW("allow"),
    APPROVAL_NEEDED("approval_needed"),
    STEP_UP("step_up"),
    DENY("deny");

    private final String word;

    Effect(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
