// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.Connector;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DataRequest.Limits;
import dev.obolus.connector.Operation;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import java.util.List;
import java.util.Optional;

/** What became of looking a request up in the catalogue. */
sealed interface Resolution {

  /** What the request is about, as far as it is known without a plan. */
  Matter matter();

  record Found(Connector connector, DataRequest request) implements Resolution {
    @Override
    public Matter matter() {
      return Matter.Judged.of(connector.id().value(), request.operation());
    }
  }

  /** Nothing of that name. */
  record Unknown(ErrorCode code, Matter.Unlisted matter) implements Resolution {}

  /** The arguments do not fit the operation's schema. */
  record Unfit(Matter.Judged matter, List<Outcome.Fault> faults) implements Resolution {}

  static Resolution of(Ask ask, ConnectorCatalogue catalogue, Limits most) {
    return catalogue
        .find(ask.connector())
        .map(entry -> operation(ask, entry, most))
        .orElseGet(() -> unknown(ErrorCode.UNKNOWN_CONNECTOR, ask));
  }

  private static Resolution operation(Ask ask, ConnectorCatalogue.Entry entry, Limits most) {
    return entry
        .find(ask.operation())
        .map(operation -> arguments(ask, entry.connector(), operation, most))
        .orElseGet(() -> unknown(ErrorCode.UNKNOWN_OPERATION, ask));
  }

  private static Resolution arguments(
      Ask ask, Connector connector, Operation operation, Limits most) {
    List<Outcome.Fault> faults = Arguments.faults(operation, ask.arguments());
    Optional<Long> wanted = wantedRows(ask, operation);
    if (faults.isEmpty() && wanted.filter(rows -> rows < 1).isPresent()) {
      faults = List.of(Pointers.fault(LIMIT, "This is at least 1."));
    }
    if (!faults.isEmpty()) {
      return new Unfit(Matter.Judged.of(connector.id().value(), operation), faults);
    }
    int rows = (int) Math.min(most.rows(), wanted.orElse(Long.MAX_VALUE));
    Limits limits = new Limits(rows, most.bytes());
    return new Found(
        connector, new DataRequest(connector.id(), operation, ask.arguments(), limits));
  }

  /** An operation's whole-number argument of this name is how the caller limits rows. */
  String LIMIT = "limit";

  private static Optional<Long> wantedRows(Ask ask, Operation operation) {
    boolean declared =
        operation.arguments().stream()
            .anyMatch(a -> a.name().equals(LIMIT) && a.type() == Operation.Type.INTEGER);
    return declared && ask.arguments().get(LIMIT) instanceof Long rows
        ? Optional.of(rows)
        : Optional.empty();
  }

  private static Resolution unknown(ErrorCode code, Ask ask) {
    return new Unknown(code, new Matter.Unlisted(ask.connector(), ask.operation()));
  }
}
