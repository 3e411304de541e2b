// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.Purge;
import java.util.Optional;

/**
 * Everything that an exchanged token depends on.
 *
 * @param provider who exchanges, and where
 * @param assertionHash SHA-256 of the token that the caller presented
 * @param agent the application that presented it
 * @param scope exactly as asked for
 * @param claims what the token is to hold besides
 * @param generation the newest purge that touches it
 */
record CacheKey(
    String provider,
    Purge.Person person,
    String assertionHash,
    String agent,
    ConnectorId connector,
    String scope,
    Optional<String> claims,
    long generation) {

  boolean touches(Purge whose) {
    return switch (whose) {
      case Purge.Person other -> other.equals(person);
      case Purge.Tenant(String tenant) -> tenant.equals(person.tenant());
      case Purge.Agent(String other) -> other.equals(agent);
      case Purge.Source(ConnectorId other) -> other.equals(connector);
    };
  }
}
