// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import reactor.core.publisher.Flux;

/**
 * Follows all chains by asking for their heads. A chain's records become visible in order, since
 * its writer has one commit under way; so what is after the last one seen is all that is new.
 * Asking costs the audit transaction nothing, which a notification inside it would.
 */
final class PostgresAuditFeed implements AuditFeed {
  private static final int PAGE = 500;

  private final PostgresAuditReader reader;
  private final Duration pause;

  PostgresAuditFeed(PostgresAuditReader reader, Duration pause) {
    this.reader = reader;
    this.pause = pause;
  }

  @Override
  public Flux<AuditRecord> follow(Map<ChainId, Long> after) {
    return Flux.defer(() -> new Follower(after).records());
  }

  /** One subscriber's places. */
  private final class Follower {
    private final Map<ChainId, Long> seen;

    Follower(Map<ChainId, Long> after) {
      this.seen = new HashMap<>(after);
    }

    Flux<AuditRecord> records() {
      return Flux.defer(this::round).repeatWhen(ends -> ends.delayElements(pause));
    }

    private Flux<AuditRecord> round() {
      return reader
          .heads()
          .flatMapIterable(Map::entrySet)
          .filter(head -> head.getValue() > seenOf(head.getKey()))
          .concatMap(head -> news(head.getKey(), head.getValue()), 1);
    }

    private Flux<AuditRecord> news(ChainId chain, long head) {
      return Flux.defer(() -> reader.after(chain, seenOf(chain), PAGE))
          .doOnNext(record -> seen.put(chain, record.seq()))
          .repeat(() -> seenOf(chain) < head);
    }

    private long seenOf(ChainId chain) {
      return seen.getOrDefault(chain, 0L);
    }
  }
}
