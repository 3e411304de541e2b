// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.console.reading.Entry;
import dev.obolus.console.reading.Entry.Place;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The newest decisions by place: their outcomes follow soon and name them. */
final class Recent {
  private final int most;
  private final Map<Place, Entry> decisions = new HashMap<>();
  private final ArrayDeque<Place> order = new ArrayDeque<>();

  Recent(int most) {
    this.most = most;
  }

  void note(Entry entry) {
    if (entry.event().equals("decided") && decisions.put(entry.place(), entry) == null) {
      order.addLast(entry.place());
      if (order.size() > most) {
        decisions.remove(order.removeFirst());
      }
    }
  }

  Optional<Entry> find(Place place) {
    return Optional.ofNullable(decisions.get(place));
  }
}
