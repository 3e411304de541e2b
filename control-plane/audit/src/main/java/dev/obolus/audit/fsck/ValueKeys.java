// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which keys of persons' values are there, and which the log says are erased.
 *
 * @param stored the names of those in the table; empty if the table is not at hand, as for an
 *     export
 * @param seen lists of names that were found to be there: most records repeat another's
 */
record ValueKeys(Optional<Set<Bytes>> stored, Set<Bytes> gone, Set<Bytes> seen) {
  private static final int NAME = 32;
  private static final int MOST_SEEN = 100_000;

  ValueKeys(Optional<Set<Bytes>> stored) {
    this(stored, new HashSet<>(), new HashSet<>());
  }

  /** Nothing is known of the keys. */
  static ValueKeys unknown() {
    return new ValueKeys(Optional.empty());
  }

  /** Notes what an erasure names. */
  void erase(byte[] names) throws Malformed {
    gone.addAll(split(names));
  }

  /** Whether one of them is erased: then nothing under them can be read. */
  boolean erased(byte[] names) throws Malformed {
    return !gone.isEmpty() && split(names).stream().anyMatch(gone::contains);
  }

  /** Whether all of them are in the table, as far as can be told. */
  boolean present(byte[] names) throws Malformed {
    if (stored.isEmpty()) {
      Set<Bytes> _ = split(names);
      return true;
    }
    Bytes whole = Bytes.of(names);
    if (seen.contains(whole)) {
      return true;
    }
    boolean there = stored.get().containsAll(split(names));
    if (there && seen.size() < MOST_SEEN) {
      seen.add(whole);
    }
    return there;
  }

  /** Those that are called erased and are in the table. */
  List<Bytes> undestroyed() {
    return stored.map(there -> gone.stream().filter(there::contains).toList()).orElse(List.of());
  }

  private static Set<Bytes> split(byte[] names) throws Malformed {
    if (names.length == 0 || names.length % NAME != 0) {
      throw new Malformed("names of value keys");
    }
    Set<Bytes> split = new HashSet<>();
    for (int at = 0; at < names.length; at += NAME) {
      split.add(Bytes.of(Arrays.copyOfRange(names, at, at + NAME)));
    }
    return split;
  }
}
