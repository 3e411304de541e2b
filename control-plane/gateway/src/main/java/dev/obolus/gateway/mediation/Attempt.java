// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Receipt;
import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.DataRequest.Limits;
import dev.obolus.connector.PermitRef;
import dev.obolus.gateway.dispatch.SourceContact;
import dev.obolus.gateway.freeze.Passage;
import dev.obolus.gateway.mediation.Judgement.Permitted;
import dev.obolus.terms.Obligation;
import java.util.Optional;

/**
 * A planned request on its way to a connector, over as many rounds as the source needs.
 *
 * @param passage by which a freeze reaches it
 * @param earlier the permit under which the source revealed that it would touch more
 */
record Attempt(
    Asking asking,
    Connector connector,
    Passage passage,
    Bracket bracket,
    SourceContact contact,
    Optional<Permit> earlier) {

  /**
   * A durable permit for one round.
   *
   * @param event what was recorded, and where: {@code receipt}
   */
  record Permit(
      Attempt attempt,
      AccessPlan plan,
      Permitted permitted,
      AuditEvent.Decided event,
      Receipt receipt) {

    Asking asking() {
      return attempt.asking;
    }

    int round() {
      return attempt.earlier.map(permit -> permit.round() + 1).orElse(1);
    }

    Attempt next() {
      return new Attempt(
          attempt.asking,
          attempt.connector,
          attempt.passage,
          attempt.bracket,
          attempt.contact,
          Optional.of(this));
    }

    Outcome.Decided decided() {
      return Answers.decided(asking().decisionId(), receipt, permitted.permit());
    }

    /** The only thing that a connector executes. */
    AuthorizedRequest authorized(MediationSettings settings) {
      return AuthorizedRequest.issue(
          plan,
          permitted.permit().obligations(),
          limits(settings.limits()),
          new PermitRef(asking().decisionId(), receipt.chain().toString(), receipt.seq()),
          asking().correlation(),
          settings.deadline());
    }

    private Limits limits(Limits configured) {
      Limits limits = smaller(configured, plan.request().limits());
      for (Obligation obligation : permitted.permit().obligations()) {
        limits =
            switch (obligation) {
              case Obligation.MaxRows(int rows) ->
                  smaller(limits, new Limits(rows, limits.bytes()));
              case Obligation.MaxBytes(long bytes) ->
                  smaller(limits, new Limits(limits.rows(), bytes));
              case Obligation.RowFilter _, Obligation.ColumnMask _ -> limits;
            };
      }
      return limits;
    }

    private static Limits smaller(Limits a, Limits b) {
      return new Limits(Math.min(a.rows(), b.rows()), Math.min(a.bytes(), b.bytes()));
    }
  }
}
