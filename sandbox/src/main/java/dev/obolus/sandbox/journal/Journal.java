// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.journal;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The newest calls, at most so many; no token is in it. */
public final class Journal {
  private static final int KEPT = 10_000;
  private final Deque<Entry> entries = new ArrayDeque<>();

  public synchronized void note(Entry entry) {
    if (entries.size() == KEPT) {
      entries.removeFirst();
    }
    entries.addLast(entry);
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
   * @param door {@code entra}, {@code graph}, {@code databricks} or {@code vault}
   * @param call what was called; at Entra the kind of grant
   * @param person the object id whose token came, or was issued; or {@code -}
   * @param more such as {@code status}, {@code statement}; never a token, code or secret
   */
  public record Entry(
      Instant at,
      String door,
      String call,
      String person,
      String application,
      Map<String, String> more) {

    public static Entry of(String door, String call) {
      return new Entry(Instant.now(), door, call, "-", "-", Map.of());
    }

    public Entry about(String who, String by) {
      return new Entry(at, door, call, who, by, more);
    }

    /** Unchanged where there is no value. */
    public Entry with(String name, @Nullable String value) {
      if (value == null || value.isEmpty() || value.equals("-")) {
        return this;
      }
      Map<String, String> all = new TreeMap<>(more);
      all.put(name, value);
      return new Entry(at, door, call, person, application, Map.copyOf(all));
    }
  }
}
