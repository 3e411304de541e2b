// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Reads what may be shown. Every call names the tenants the reader may see; records of no tenant
 * ({@code -}) are shown to everybody who may read at all.
 */
public interface AuditReader {

  Mono<Optional<AuditRecord>> find(Set<String> tenants, ChainId chain, long seq);

  /** The decision and its outcome, in order; empty where there is none. */
  Mono<List<AuditRecord>> ofDecision(Set<String> tenants, String decisionId);

  /** The newest records that match, newest first, at most {@code limit} (200 at most). */
  Mono<List<AuditRecord>> newest(Set<String> tenants, Query query, int limit);

  /** Each chain's newest sequence number. */
  Mono<Map<ChainId, Long>> heads();

  /** Every condition given must hold; an empty set is no condition. */
  record Query(
      Set<String> events,
      Set<String> effects,
      Set<String> persons,
      Set<String> clients,
      Set<String> connectors,
      Set<String> resources,
      Set<String> reasons,
      Optional<Instant> from,
      Optional<Instant> before) {
    public static final Query ALL =
        new Query(
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Optional.empty(),
            Optional.empty());
  }
}
