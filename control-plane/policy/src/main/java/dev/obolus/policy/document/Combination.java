// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.Decision;
import dev.obolus.policy.Reason;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.ResourceName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Several judgements become one decision: deny over step-up over approval over allow; filters are
 * AND-ed, the stronger mask wins, the smaller limit wins. Nothing that any of them asked is lost.
 */
public final class Combination {
  private Combination() {}

  /**
   * @param judgements at least one
   */
  public static Decision of(List<Judgement> judgements) {
    Judgement.Effect effect =
        judgements.stream()
            .map(Judgement::effect)
            .max(Comparator.naturalOrder())
            .orElse(Judgement.Effect.DENY);
    List<Judgement> decisive = judgements.stream().filter(j -> j.effect() == effect).toList();
    List<Reason> reasons = decisive.stream().flatMap(j -> j.reasons().stream()).distinct().toList();
    return switch (effect) {
      case DENY -> new Decision.Deny(reasons);
      case STEP_UP ->
          new Decision.StepUp(
              decisive.stream().flatMap(j -> j.acrs().stream()).distinct().sorted().toList(),
              reasons);
      case APPROVAL_NEEDED -> new Decision.ApprovalNeeded(reasons);
      case ALLOW ->
          new Decision.Permit(
              merge(decisive.stream().flatMap(j -> j.obligations().stream()).toList()),
              reasons,
              demands(reasons));
    };
  }

  /** A permit has a reason for each obligation, whose argument names its kind. */
  private static List<Decision.Demand> demands(List<Reason> reasons) {
    return reasons.stream()
        .flatMap(reason ->
            Arrays.stream(Obligation.Kind.values())
                .filter(kind -> kind.word().equals(reason.args().get("obligation")))
                .map(kind -> new Decision.Demand(kind, reason.code())))
        .distinct()
        .toList();
  }

  /** One filter a resource, one mask a column, one limit of each kind. */
  public static List<Obligation> merge(Collection<Obligation> obligations) {
    Map<ResourceName, LinkedHashSet<Predicate>> filters = new TreeMap<>();
    Map<ResourceName, Map<String, Mask>> masks = new TreeMap<>();
    OptionalInt rows = OptionalInt.empty();
    OptionalLong bytes = OptionalLong.empty();
    for (Obligation obligation : obligations) {
      switch (obligation) {
        case Obligation.RowFilter(ResourceName resource, Predicate predicate) ->
            filters.computeIfAbsent(resource, _ -> new LinkedHashSet<>()).add(predicate);
        case Obligation.ColumnMask(ResourceName resource, String column, Mask mask) ->
            masks
                .computeIfAbsent(resource, _ -> new TreeMap<>())
                .merge(column, mask, Mask::stronger);
        case Obligation.MaxRows(int limit) ->
            rows = OptionalInt.of(Math.min(limit, rows.orElse(limit)));
        case Obligation.MaxBytes(long limit) ->
            bytes = OptionalLong.of(Math.min(limit, bytes.orElse(limit)));
      }
    }
    List<Obligation> merged = new ArrayList<>();
    filters.forEach(
        (resource, all) -> merged.add(new Obligation.RowFilter(resource, conjunction(all))));
    masks.forEach((resource, columns) ->
        columns.forEach(
            (column, mask) -> merged.add(new Obligation.ColumnMask(resource, column, mask))));
    rows.ifPresent(limit -> merged.add(new Obligation.MaxRows(limit)));
    bytes.ifPresent(limit -> merged.add(new Obligation.MaxBytes(limit)));
    return merged;
  }

  private static Predicate conjunction(Collection<Predicate> all) {
    return all.size() == 1 ? all.iterator().next() : new Predicate.And(List.copyOf(all));
  }
}
