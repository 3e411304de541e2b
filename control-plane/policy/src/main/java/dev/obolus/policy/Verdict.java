// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import dev.obolus.terms.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The decision on a whole request: each resource judged by one and the same revision, combined deny
 * over step-up over approval over allow.
 *
 * @param visible the resources that some rule grants to the caller; only about these may an answer
 *     say anything
 * @param labels what the revision's facts say of the resources judged: labels of the resource, and
 *     of those of its columns that were asked for
 * @param agent the registered name of the calling client, or empty
 * @param inputs the exact inputs that were evaluated, as JSON, one per resource
 */
public record Verdict(
    Decision decision,
    Revision revision,
    String evaluator,
    Set<ResourceName> visible,
    Map<ResourceName, Labels> labels,
    java.util.Optional<String> agent,
    List<String> inputs) {
  public Verdict {
    visible = Set.copyOf(visible);
    labels = Map.copyOf(labels);
    inputs = List.copyOf(inputs);
  }

  /**
   * The reasons that this caller may be told. Of resources that nothing grants him he hears one
   * uniform reason, whether they exist or not; the record has the precise ones.
   */
  public List<Reason> told() {
    boolean allVisible = !labels.isEmpty() && visible.containsAll(labels.keySet());
    List<Reason> told = new ArrayList<>();
    for (Reason reason : decision.reasons()) {
      boolean hidden = reason.about() == Reason.About.RESOURCE && !allVisible;
      Reason spoken = hidden ? Reason.NOT_AVAILABLE : reason;
      if (!told.contains(spoken)) {
        told.add(spoken);
      }
    }
    return List.copyOf(told);
  }

  public record Labels(Set<String> resource, Map<String, Set<String>> columns) {}
}
