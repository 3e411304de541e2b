// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.DataRequest;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The plan to read one's own groups: there is nothing in it that a caller could choose. */
record MyGroups(DataRequest request) implements AccessPlan {
  static final Set<Obligation.Kind> HONOURS =
      Set.of(Obligation.Kind.MAX_ROWS, Obligation.Kind.MAX_BYTES);
  private static final Touched GROUPS =
      new Touched(new ResourceName("graph.me.groups"), Set.of("id"));

  @Override
  public ActionClass actionClass() {
    return ActionClass.READ;
  }

  @Override
  public List<Touched> resources() {
    return List.of(GROUPS);
  }

  @Override
  public Optional<String> statement() {
    return Optional.empty();
  }

  @Override
  public Set<Obligation.Kind> honours() {
    return HONOURS;
  }
}
