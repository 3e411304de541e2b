// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AccessPlan.Touched;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Operation;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a request is about, as far as it came: the common ground of inputs and records. */
sealed interface Matter {

  String connector();

  String operation();

  /** The catalogue has no such connector or operation; only well-shaped names are kept. */
  record Unlisted(String connector, String operation) implements Matter {
    private static final String UNFIT = "-";

    public Unlisted {
      connector = connector.matches("[a-z0-9][a-z0-9-]{0,62}") ? connector : UNFIT;
      operation = operation.matches("[a-z][a-z0-9_]{0,62}") ? operation : UNFIT;
    }
  }

  /**
   * In the catalogue, so that policy can judge it.
   *
   * @param limit the most rows that are wanted
   */
  record Judged(
      String connector,
      String operation,
      ActionClass actionClass,
      Lane lane,
      List<Touched> resources,
      Optional<String> statement,
      Set<Obligation.Kind> honours,
      int limit)
      implements Matter {

    static Judged of(AccessPlan plan) {
      DataRequest request = plan.request();
      return new Judged(
          request.connector().value(),
          request.operation().name(),
          plan.actionClass(),
          request.operation().lane(),
          plan.resources(),
          plan.statement(),
          plan.honours(),
          request.limits().rows());
    }

    /** Not planned, or not yet: nothing of the arguments is in it. */
    static Judged of(String connector, Operation operation) {
      return new Judged(
          connector,
          operation.name(),
          operation.actionClass(),
          operation.lane(),
          List.of(),
          Optional.empty(),
          operation.honours(),
          1);
    }

    /** The same, asking about one resource by its name only. */
    Judged about(ResourceName resource) {
      return new Judged(
          connector,
          operation,
          actionClass,
          lane,
          List.of(new Touched(resource, Set.of())),
          statement,
          honours,
          limit);
    }

    /** The same, without anything that the arguments named. */
    Judged unnamed(Operation listed) {
      return of(connector, listed);
    }
  }
}
