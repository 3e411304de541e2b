// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Reads what may be shown. Every call names the tenants the reader may see. A record of no tenant
 * ({@code -}) is shown to whom may see all the tenants that it tells of ({@link
 * AuditRecord#tenants}): most tell of none, and are shown to everybody who may read at all.
 */
public interface AuditReader {

  Mono<Optional<AuditRecord>> find(Set<String> tenants, ChainId chain, long seq);

  /** The decision and its outcome, in order; empty where there is none. */
  Mono<List<AuditRecord>> ofDecision(Set<String> tenants, String decisionId);

  /**
   * A page of the records that match, in the order of {@link dev.obolus.audit.query.Cursor}; at
   * most {@code limit} of them (200 at most), fewer where some of them are not to be shown. Ends
   * within seconds: a search that is not through by then says how far it came.
   */
  Mono<Page> search(Set<String> tenants, Query query, Page.Start start, int limit);

  /** Each chain's newest sequence number. */
  Mono<Map<ChainId, Long>> heads();
}
