// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import java.util.List;
import java.util.Set;

/** A person who may do the act that she was admitted for. Only {@link OperatorGate} makes one. */
record Operator(AuditEvent.Person person, String client, Set<Role> roles) {

  List<String> roleWords() {
    return roles.stream().map(Role::word).sorted().toList();
  }
}
