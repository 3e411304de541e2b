// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.Purge;
import java.util.Optional;

/** Whom or what a freeze covers. */
public sealed interface Scope {

  /** One person, whichever agent asks for her. */
  record Person(String tenant, String objectId) implements Scope {
    @Override
    public String toString() {
      return "Person[" + tenant + "]";
    }
  }

  /** One application, whoever it asks for: {@code azp} or {@code appid}. */
  record Agent(String client) implements Scope {}

  record Tenant(String id) implements Scope {}

  record Source(ConnectorId connector) implements Scope {}

  record Everything() implements Scope {}

  /** As the log, the operator API and the command line name it. */
  default String word() {
    return switch (this) {
      case Person _ -> "person";
      case Agent _ -> "agent";
      case Tenant _ -> "tenant";
      case Source _ -> "connector";
      case Everything _ -> "everything";
    };
  }

  /** The tenant that alone is concerned; empty where everybody is. */
  default Optional<String> onlyTenant() {
    return switch (this) {
      case Person person -> Optional.of(person.tenant());
      case Tenant(String id) -> Optional.of(id);
      case Agent _, Source _, Everything _ -> Optional.empty();
    };
  }

  /** Whether this request is of it. */
  default boolean covers(Who who) {
    return switch (this) {
      case Person(String tenant, String objectId) ->
          tenant.equals(who.tenant()) && objectId.equals(who.objectId());
      case Agent(String client) -> client.equals(who.client());
      case Tenant(String id) -> id.equals(who.tenant());
      case Source(ConnectorId connector) -> connector.value().equals(who.connector());
      case Everything _ -> true;
    };
  }

  /** Whose exchanged tokens go; empty where everybody's do. */
  default Optional<Purge> purge() {
    return switch (this) {
      case Person(String tenant, String objectId) ->
          Optional.of(new Purge.Person(tenant, objectId));
      case Agent(String client) -> Optional.of(new Purge.Agent(client));
      case Tenant(String id) -> Optional.of(new Purge.Tenant(id));
      case Source(ConnectorId connector) -> Optional.of(new Purge.Source(connector));
      case Everything _ -> Optional.empty();
    };
  }

  /**
   * A request, as far as freezes are concerned.
   *
   * @param connector as it was asked for, which may be none of ours
   */
  record Who(String tenant, String objectId, String client, String connector) {
    @Override
    public String toString() {
      return "Who[" + tenant + "]";
    }
  }
}
