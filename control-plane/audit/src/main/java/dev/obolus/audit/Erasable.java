// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to forget of somebody.
 *
 * @param pseudonym by which the log finds the person; empty if it does not know them
 * @param keys the names of their keys: destroying these makes their values unreadable
 * @param newest when the newest record of theirs was sealed: of those with them as their person; of
 *     those that name them by address, the end of the youngest key's month, which may be to come
 * @param tenants whose records have them as their person, beside their own: as operators people act
 *     on other tenants' records
 */
public record Erasable(
    Optional<String> pseudonym, List<Bytes> keys, Optional<Instant> newest, Set<String> tenants) {
  public Erasable {
    keys = List.copyOf(keys);
    tenants = Set.copyOf(tenants);
  }
}
