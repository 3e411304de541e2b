// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Query;
import dev.obolus.console.live.Ring.Line;
import dev.obolus.console.live.Tail.Tick;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.Entry;
import dev.obolus.console.reading.Tone;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import tools.jackson.databind.json.JsonMapper;

/**
 * Frames of the tail: encoded once for everybody who asks the same.
 *
 * <p>Guarantees: counts are exact; only rows are left out, plain traffic first. A denial, a held
 * request, a failure or an operator's act is left out only if more of those than rows came at once,
 * and the counts say so.
 */
final class Frames {
  static final int ROWS = 25;

  private final Tail tail;
  private final Catalogue catalogue;
  private final JsonMapper json;
  private final Map<Group, Flux<Frame>> groups = new ConcurrentHashMap<>();

  Frames(Tail tail, Catalogue catalogue, JsonMapper json) {
    this.tail = tail;
    this.catalogue = catalogue;
    this.json = json;
  }

  /** Viewers who see the same. */
  record Group(Set<String> tenants, Query query) {
    boolean shows(Line line) {
      return tenants.containsAll(line.tenants()) && query.test(line.asked());
    }
  }

  /**
   * A stretch of the tail.
   *
   * @param json absent where nothing in it matches
   */
  record Frame(long from, long to, Optional<String> json, Optional<Instant> staleSince) {}

  /** What a browser reads. */
  record Body(String id, int n, Map<String, Integer> by, int shown, List<Row> rows) {}

  /** The group's frames, shared; one per tick. */
  Flux<Frame> of(Group group) {
    return Flux.defer(() -> groups.computeIfAbsent(group, this::shared));
  }

  int groups() {
    return groups.size();
  }

  private Flux<Frame> shared(Group group) {
    return tail.ticks()
        .map(tick -> encode(group, tick))
        .doFinally(end -> groups.remove(group))
        .publish()
        .refCount(1);
  }

  private Frame encode(Group group, Tick tick) {
    var matching = tick.lines().stream().filter(group::shows).toList();
    return new Frame(tick.from(), tick.to(), body(matching, tick.to(), ROWS), tick.staleSince());
  }

  /** The lines as a frame with at most so many rows, newest first. */
  Optional<String> body(List<Line> matching, long to, int most) {
    if (matching.isEmpty()) {
      return Optional.empty();
    }
    var rows = chosen(matching, most).map(e -> Row.of(e, catalogue)).toList();
    var body =
        new Body(tail.at(to).toString(), matching.size(), counts(matching), rows.size(), rows);
    return Optional.of(json.writeValueAsString(body));
  }

  private static Stream<Entry> chosen(List<Line> matching, int most) {
    var newest = matching.reversed().stream().map(Line::told).toList();
    var exceptions = newest.stream().filter(e -> e.tone().exceptional());
    var traffic = newest.stream().filter(e -> !e.tone().exceptional());
    return Stream.concat(exceptions, traffic)
        .limit(most)
        .sorted(Comparator.comparingInt(newest::indexOf));
  }

  private static Map<String, Integer> counts(List<Line> matching) {
    var counts = new LinkedHashMap<String, Integer>();
    for (var tone : Tone.values()) {
      int n = (int) matching.stream().filter(l -> l.sealed().tone() == tone).count();
      if (n > 0) {
        counts.put(tone.word(), n);
      }
    }
    return counts;
  }
}
