// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.ChainKey;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Tag;
import dev.obolus.audit.tree.Heads.Head;
import dev.obolus.audit.tree.TreeEdge;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what chains have gained since they were last in the tree, and recomputes leaf, link and MAC
 * of every record, so that no edit made before signing is ever signed. Not for several threads.
 */
final class ChainTails {
  private static final int SLICE = 1_000;
  private static final Bytes NOTHING = Bytes.of(new byte[32]);

  private final List<RootKey> roots;
  private final Set<String> mayBeRevoked;
  private final Set<String> revoked;
  private final Map<ChainId, Keyed> keys = new HashMap<>();

  /** What a chain is checked with, and under which root key that is. */
  private record Keyed(ChainKey.EntryCheck check, String root) {}

  /**
   * @param mayBeRevoked ids of the root keys that the log's owner revokes
   * @param revoked ids of the root keys that records in the tree say are revoked
   */
  ChainTails(List<RootKey> roots, List<String> mayBeRevoked, Set<String> revoked) {
    this.roots = roots;
    this.mayBeRevoked = Set.copyOf(mayBeRevoked);
    this.revoked = new HashSet<>(revoked);
  }

  /**
   * A chain's first record revokes a root key, and the log's owner did not: whoever took over a
   * gateway would stop the whole log by it. That chain stays out of the tree, and no other.
   */
  static final class Presumed extends Exception {
    private static final long serialVersionUID = 1L;

    Presumed(String sentence) {
      super(sentence, null, false, false);
    }
  }

  /** What is told of a record that may be signed. */
  interface Taker {
    void take(ChainId chain, TreeStore.Row row);
  }

  /** Fails if a chain that is in the tree is gone, shorter, or has another head. */
  void compare(Map<ChainId, Head> integrated, Map<ChainId, Head> heads) throws Unsound {
    for (Head ours : integrated.values()) {
      Head theirs = heads.get(ours.chain());
      if (theirs == null) {
        throw new Unsound(
            "chain "
                + ours.chain()
                + " is gone: "
                + ours.seq()
                + " of its records are in the tree");
      }
      if (theirs.seq() < ours.seq()) {
        throw new Unsound(
            "chain "
                + ours.chain()
                + " was cut off after record "
                + theirs.seq()
                + ": record "
                + ours.seq()
                + " is in the tree");
      }
      if (theirs.seq() == ours.seq() && !theirs.mac().equals(ours.mac())) {
        throw new Unsound(
            "the head of chain " + ours.chain() + " at record " + ours.seq() + " was changed");
      }
    }
    keys.keySet().retainAll(Set.copyOf(heads.keySet()));
  }

  /**
   * Checks and hands over what follows, up to the head and at most that many; answers the last.
   * Nothing is handed over of a chain that presumes to revoke.
   */
  Head advance(TreeStore store, Head from, Head to, int most, Taker taker)
      throws SQLException, Unsound, Presumed {
    Head last = from;
    int left = most;
    while (last.seq() < to.seq() && left > 0) {
      int wanted = (int) Math.min(Math.min(SLICE, left), to.seq() - last.seq());
      List<TreeStore.Row> rows = store.rows(from.chain(), last.seq(), wanted);
      if (rows.isEmpty()) {
        throw new Unsound(place(last, 1) + " is missing");
      }
      for (TreeStore.Row row : rows) {
        check(last, row);
        taker.take(from.chain(), row);
        last = new Head(from.chain(), row.seq(), Bytes.of(row.mac()));
      }
      left -= rows.size();
    }
    if (last.seq() == to.seq() && !last.mac().equals(to.mac())) {
      throw new Unsound("the head of chain " + to.chain() + " is not its record " + to.seq());
    }
    return last;
  }

  /** Before the first record of a chain. */
  static Head beginning(ChainId chain) {
    return new Head(chain, 0, NOTHING);
  }

  private void check(Head before, TreeStore.Row row) throws Unsound, Presumed {
    if (row.seq() != before.seq() + 1) {
      throw new Unsound(place(before, 1) + " is missing");
    }
    byte[] leaf = TreeEdge.leafOf(row.canonical());
    if (!Arrays.equals(leaf, row.leaf())) {
      throw new Unsound(place(before, 1) + " does not hash to its leaf");
    }
    if (!Arrays.equals(before.mac().toArray(), row.prevMac())) {
      throw new Unsound(place(before, 1) + " does not follow the record before it");
    }
    Keyed key = key(before, row);
    if (!key.check().sealed(row.seq(), row.prevMac(), leaf, row.mac())) {
      throw new Unsound(place(before, 1) + " was not sealed with the chain's key");
    }
    if (revoked.contains(key.root())) {
      throw new Unsound(
          place(before, 1) + " was sealed under root key " + key.root() + " after it was revoked");
    }
    if (row.seq() == 1) {
      revoke(before, revocations(row.canonical()));
    }
  }

  private void revoke(Head before, List<String> named) throws Presumed {
    for (String root : named) {
      if (!mayBeRevoked.contains(root)) {
        throw new Presumed(
            place(before, 1) + " revokes root key " + root + ", which is not revoked here");
      }
    }
    revoked.addAll(named);
  }

  /** The root keys that a chain's first record revokes: nothing after it may be under them. */
  static List<String> revocations(byte[] opening) {
    return CanonicalReader.read(opening).get(Tag.REVOKED_KEYS.label())
            instanceof Field.Texts(List<String> ids)
        ? ids
        : List.of();
  }

  /** Whether a record was sealed with its chain's key. */
  boolean sealed(ChainId chain, TreeStore.Row row) {
    try {
      byte[] leaf = TreeEdge.leafOf(row.canonical());
      return key(new Head(chain, row.seq() - 1, Bytes.of(row.prevMac())), row)
          .check()
          .sealed(row.seq(), row.prevMac(), leaf, row.mac());
    } catch (Unsound e) {
      return false;
    }
  }

  private Keyed key(Head before, TreeStore.Row row) throws Unsound {
    Keyed known = keys.get(before.chain());
    if (known != null) {
      return known;
    }
    for (RootKey root : roots) {
      if (row.keyId().matches(root.id() + "-[0-9]{6}")) {
        int epoch = Integer.parseInt(row.keyId().substring(root.id().length() + 1));
        Keyed found =
            new Keyed(root.chainKey(epoch, before.chain()).check(before.chain()), root.id());
        keys.put(before.chain(), found);
        return found;
      }
    }
    throw new Unsound(place(before, 1) + " was sealed under a root key that is not held here");
  }

  private static String place(Head head, int after) {
    return "record " + (head.seq() + after) + " of chain " + head.chain();
  }
}
