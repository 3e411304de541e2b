// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Awaited;
import dev.obolus.audit.fsck.Verification.Undestroyed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which keys of persons' values are there, and which the log says are erased: of these all names
 * are in memory, some hundred bytes each.
 */
final class ValueKeys {
  private static final int NAME = 32;
  private static final int MOST_SEEN = 100_000;
  private static final int MOST_AWAITED = 1_000;

  private final Optional<KeyNames> stored;
  private final Map<Bytes, Undestroyed> gone = new HashMap<>();
  private final Map<Bytes, StoredTree.Place> unsigned = new HashMap<>();
  private final Set<Awaited> awaited = new LinkedHashSet<>();

  /** Lists of names that were found to be there: most records repeat another's. */
  private final Set<Bytes> seen = new HashSet<>();

  /**
   * @param stored the names of those in the table; empty if the table is not at hand
   */
  ValueKeys(Optional<KeyNames> stored) {
    this.stored = stored;
  }

  /** Nothing is known of the keys. */
  static ValueKeys unknown() {
    return new ValueKeys(Optional.empty());
  }

  /** Notes what an erasure names. */
  void erase(byte[] names, String tenant, StoredTree.Place by) throws Malformed {
    for (Bytes name : split(names)) {
      Undestroyed _ = gone.putIfAbsent(name, new Undestroyed(tenant, name, by.chain(), by.seq()));
    }
  }

  /** Notes what an erasure names that may yet be signed. */
  void awaitErasure(byte[] names, StoredTree.Place by) throws Malformed {
    for (Bytes name : split(names)) {
      StoredTree.Place _ = unsigned.putIfAbsent(name, by);
    }
  }

  /** Whether one of them is erased: then nothing under them can be read. */
  boolean erased(byte[] names) throws Malformed {
    return !gone.isEmpty() && split(names).stream().anyMatch(gone::containsKey);
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
    boolean there = split(names).stream().allMatch(stored.get()::contains);
    if (there && seen.size() < MOST_SEEN) {
      seen.add(whole);
    }
    return there;
  }

  /**
   * Whether those of them that are not in the table are named by erasures that may yet be signed.
   * That excuses that the key is gone, and nothing else: the values are still there then.
   */
  boolean mayBeErased(byte[] names, String tenant, StoredTree.Place at) throws Malformed {
    if (unsigned.isEmpty()) {
      return false;
    }
    Set<Bytes> lacking = split(names);
    stored.ifPresent(there -> lacking.removeIf(there::contains));
    if (!unsigned.keySet().containsAll(lacking)) {
      return false;
    }
    for (Bytes name : lacking) {
      StoredTree.Place by = Objects.requireNonNull(unsigned.get(name));
      if (awaited.size() < MOST_AWAITED) {
        awaited.add(new Awaited(tenant, at.chain(), at.seq(), by.chain(), by.seq()));
      }
    }
    return true;
  }

  /** The records that were excused so, 1,000 at most. */
  List<Awaited> awaited() {
    return List.copyOf(awaited);
  }

  /** Those that are called erased and are in the table. */
  List<Undestroyed> undestroyed() {
    return gone.values().stream()
        .filter(one -> stored.filter(there -> there.contains(one.key())).isPresent())
        .toList();
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
