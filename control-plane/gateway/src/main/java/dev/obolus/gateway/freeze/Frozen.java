// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.connector.ConnectorId;
import java.util.Set;

/** What was frozen when the log was last read. Immutable: it is asked at every request. */
record Frozen(Set<Scope> scopes, Confirmed confirmation) {
  private static final Scope EVERYTHING = new Scope.Everything();

  static final Frozen UNREAD = new Frozen(Set.of(), new Confirmed(false, 0));

  Frozen {
    scopes = Set.copyOf(scopes);
  }

  /**
   * When the log was last read to its end.
   *
   * @param nanos when that reading began
   */
  record Confirmed(boolean ever, long nanos) {}

  boolean covers(Scope.Who who) {
    return !scopes.isEmpty()
        && (scopes.contains(EVERYTHING)
            || scopes.contains(new Scope.Tenant(who.tenant()))
            || scopes.contains(new Scope.Agent(who.client()))
            || scopes.contains(new Scope.Person(who.tenant(), who.objectId()))
            || coversSource(who.connector()));
  }

  /** What was asked for may be no connector's name at all. */
  private boolean coversSource(String connector) {
    return scopes.stream()
        .anyMatch(scope ->
            scope instanceof Scope.Source(ConnectorId frozen) && frozen.value().equals(connector));
  }
}
