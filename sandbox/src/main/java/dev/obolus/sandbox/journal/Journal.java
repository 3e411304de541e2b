// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.journal;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest calls, at most so many; no token is in it. */
public final class Journal {
  private static final int KEPT = 10_000;
  private final Deque<Entry> entries = new ArrayDeque<>();

  public synchronized void note(
      String door, String call, String person, String application, @Nullable String statement) {
    if (entries.size() == KEPT) {
      entries.removeFirst();
    }
    entries.addLast(new Entry(Instant.now(), door, call, person, application, statement));
  }

  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  public synchronized void clear() {
    entries.clear();
  }

  /**
   * One call.
   *
   * @param door {@code entra} or {@code databricks}
   * @param person the object id whose token came, or {@code -}
   */
  public record Entry(
      Instant at,
      String door,
      String call,
      String person,
      String application,
      @Nullable String statement) {}
}
