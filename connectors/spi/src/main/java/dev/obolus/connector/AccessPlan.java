// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a request would touch. A connector's own record implements it and also carries the parsed
 * form that will be executed, so that nothing is parsed twice and nothing else can run.
 */
public interface AccessPlan {

  DataRequest request();

  /** {@link ActionClass#READ} only where the text is proven to be one. */
  ActionClass actionClass();

  /** Every resource touched, each once. Empty where none could be named; policy then denies. */
  List<Touched> resources();

  /** The statement as it was asked, where there is one: personal, never logged in the clear. */
  Optional<String> statement();

  /** The obligations that this very plan can meet; any other turns a permit into a denial. */
  Set<Obligation.Kind> honours();

  /**
   * Whether this very obligation can be met, asked before a permit is recorded: a filter may name a
   * column that the source does not have, or compare it with a value of another type.
   */
  default boolean meets(Obligation obligation) {
    return honours().contains(obligation.kind());
  }

  /**
   * @param columns the columns mentioned, lower-case; all of the table's for {@code *}
   */
  record Touched(ResourceName resource, Set<String> columns) {
    public Touched {
      columns = Set.copyOf(columns);
    }
  }
}
