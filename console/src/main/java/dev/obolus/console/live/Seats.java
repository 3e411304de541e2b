// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import java.util.HashMap;
import java.util.Map;

/** How many streams are open: so many in all, so many for one operator. */
final class Seats {
  private final int inAll;
  private final int each;
  private final Map<String, Integer> taken = new HashMap<>();
  private int total;

  Seats(int inAll, int each) {
    this.inAll = inAll;
    this.each = each;
  }

  /** Whether there was a seat; then it must be left again. */
  synchronized boolean take(String operator) {
    int own = taken.getOrDefault(operator, 0);
    if (total >= inAll || own >= each) {
      return false;
    }
    taken.put(operator, own + 1);
    total++;
    return true;
  }

  synchronized void leave(String operator) {
    taken.computeIfPresent(operator, (key, own) -> own > 1 ? own - 1 : null);
    total--;
  }
}
