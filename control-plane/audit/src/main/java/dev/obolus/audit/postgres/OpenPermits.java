// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.Sealable;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The permits of this process that have no outcome yet, in the chain that it writes and in those
 * that it has closed at a month's turn. Bounded: of very many the oldest are forgotten, and left to
 * a successor. Not for several threads.
 */
final class OpenPermits {
  static final long MOST_BYTES = 32 << 20;

  private final long mostBytes;
  private final Map<Place, Bytes> open = new LinkedHashMap<>();
  private final Set<ChainId> incomplete = new HashSet<>();
  private long bytes;

  OpenPermits(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  private record Place(ChainId chain, long seq) {}

  /** What became durable. */
  void note(ChainId chain, Batch batch) {
    for (int i = 0; i < batch.items().size(); i++) {
      AuditEvent event = batch.items().get(i).event();
      if (event instanceof Decided decided && decided.effect().equals("allow")) {
        add(new Place(chain, batch.records().get(i).seq()), batch.records().get(i).canonical());
      } else {
        concluded(event)
            .ifPresent(outcome -> remove(new Place(outcome.permitChain(), outcome.permitSeq())));
      }
    }
  }

  private static Optional<Conclusion> concluded(AuditEvent event) {
    return switch (event) {
      case AuditEvent.Served served -> Optional.of(served.conclusion());
      case AuditEvent.Failed failed -> Optional.of(failed.conclusion());
      case AuditEvent.Cancelled cancelled -> Optional.of(cancelled.conclusion());
      default -> Optional.empty();
    };
  }

  private void add(Place place, Bytes canonical) {
    Bytes before = open.put(place, canonical);
    bytes += canonical.length() - (before == null ? 0 : before.length());
    Iterator<Map.Entry<Place, Bytes>> oldest = open.entrySet().iterator();
    while (bytes > mostBytes) {
      Map.Entry<Place, Bytes> gone = oldest.next();
      incomplete.add(gone.getKey().chain());
      bytes -= gone.getValue().length();
      oldest.remove();
    }
  }

  private void remove(Place place) {
    Bytes canonical = open.remove(place);
    bytes -= canonical == null ? 0 : canonical.length();
  }

  /** The chain is a successor's from here on. */
  void leave(ChainId chain) {
    open.keySet().stream()
        .filter(place -> place.chain().equals(chain))
        .toList()
        .forEach(this::remove);
    incomplete.add(chain);
  }

  /** The chains that somebody may yet say an outcome for. */
  Set<ChainId> chains() {
    return open.keySet().stream().map(Place::chain).collect(Collectors.toUnmodifiableSet());
  }

  /** Whether every permit of the chain was answered for, as far as is known here. */
  boolean isAnswered(ChainId chain) {
    return !incomplete.contains(chain) && !chains().contains(chain);
  }

  /** Whether none was forgotten: with {@link #unknown} sealed each has an outcome. */
  boolean isComplete(ChainId chain) {
    return !incomplete.contains(chain);
  }

  /** An outcome for each, for when nobody can tell any more what became of the call. */
  List<Sealable> unknown() {
    return open.entrySet().stream()
        .<Sealable>map(permit ->
            new Sealable.Orphan(
                permit.getKey().chain(),
                permit.getKey().seq(),
                CanonicalReader.read(permit.getValue().toArray())))
        .toList();
  }
}
