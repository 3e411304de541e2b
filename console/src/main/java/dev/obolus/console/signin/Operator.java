// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who is signed in.
 *
 * @param tenant that the operator is of
 * @param tenants whose records may be read
 * @param id the object id in that tenant
 * @param roles as the operator token says
 * @param until when the operator token ends, and with it the session
 */
public record Operator(
    String tenant, Set<String> tenants, String id, String name, Set<String> roles, Instant until) {
  /** Who may read the log. The other roles will read parts of it, on pages of their own. */
  static final Set<String> READERS = Set.of("Soc", "Auditor");

  public Operator {
    tenants = Set.copyOf(tenants);
    roles = Set.copyOf(roles);
  }

  public boolean mayRead() {
    return READERS.stream().anyMatch(roles::contains);
  }

  /** The roles in words. */
  public String rolesInWords() {
    return roles.isEmpty()
        ? "no role"
        : new TreeSet<>(roles).stream().collect(Collectors.joining(", "));
  }
}
