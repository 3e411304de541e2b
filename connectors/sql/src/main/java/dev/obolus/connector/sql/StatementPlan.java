// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.DataRequest;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Obligation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A caller's own statement.
 *
 * @param read how it is executed; absent where it is not proven a read, and then never is
 */
record StatementPlan(
    DataRequest request,
    String text,
    ActionClass actionClass,
    List<AccessPlan.Touched> resources,
    Set<Obligation.Kind> honours,
    Optional<StatementRewrite> read)
    implements SqlPlan {

  @Override
  public Optional<String> statement() {
    return Optional.of(text);
  }

  @Override
  public boolean meets(Obligation obligation) {
    return honours.contains(obligation.kind())
        && read.filter(rewrite -> rewrite.meets(obligation)).isPresent();
  }

  @Override
  public BoundStatement render(List<Obligation> obligations, DataRequest.Limits limits) {
    for (Obligation obligation : obligations) {
      if (!meets(obligation)) {
        throw new UnmetObligation(obligation);
      }
    }
    return read.orElseThrow(() -> new IllegalStateException("not proven a read: never executed"))
        .render(obligations, limits);
  }
}
