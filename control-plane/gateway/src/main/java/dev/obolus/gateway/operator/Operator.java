// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A person who may do the act that she was admitted for. Only {@link OperatorGate} makes one.
 *
 * @param addresses hers, in lower case, as far as her token tells them
 */
record Operator(AuditEvent.Person person, String client, Set<Role> roles, Set<String> addresses) {

  /** Whether it is she herself who is meant. */
  boolean is(AuditEvent.Person other, List<String> namedBy) {
    return person.equals(other)
        || namedBy.stream()
            .map(address -> address.toLowerCase(Locale.ROOT))
            .anyMatch(addresses::contains);
  }

  List<String> roleWords() {
    return roles.stream().map(Role::word).sorted().toList();
  }
}
