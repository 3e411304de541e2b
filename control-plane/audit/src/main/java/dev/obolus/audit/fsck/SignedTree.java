// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest checkpoint in the database, whose signatures were found true, and the way from single
 * entries up to its root. What the tree's tables say proves nothing by itself; what leads to the
 * root does. Not for several threads.
 */
final class SignedTree {
  private static final int WIDTH = 256;
  private static final int TILE_HEIGHT = 8;

  private final Connection connection;
  private final StoredTree tree;
  private final Note note;
  private final MerkleTree hashing = new MerkleTree((level, hash) -> {});

  /** Roots of full tiles, of levels where a tile above is not full: 255 a level at most. */
  private final Map<String, byte[]> folded = new HashMap<>();

  private byte @Nullable [] edge;

  private SignedTree(Connection connection, StoredTree tree, Note note) {
    this.connection = connection;
    this.tree = tree;
    this.note = note;
  }

  /** Empty if nothing is signed yet; fails if what is newest was not signed by the log. */
  static Optional<SignedTree> newest(Connection connection, StoredTree tree, PublicKeys trusted)
      throws SQLException, TreeFaulty {
    Optional<Note> newest = tree.newest();
    if (newest.isPresent() && !trusted.signedByLog(newest.get())) {
      throw new TreeFaulty(
          newest.get().size(),
          Fault.SIGNATURE,
          "the checkpoint of size " + newest.get().size() + " was not signed with the log's keys");
    }
    return newest.map(note -> new SignedTree(connection, tree, note));
  }

  Note note() {
    return note;
  }

  /** Whether the checkpoint covers that entry. */
  boolean covers(long index) {
    return index < note.size();
  }

  /** Whether that leaf stands there in the tree that was signed. */
  boolean holds(long index, byte[] leaf) throws SQLException, TreeFaulty {
    return covers(index) && Arrays.equals(with(index, leaf, 0, note.size()), note.root());
  }

  /** The root over these entries with that leaf in its place. */
  private byte[] with(long index, byte[] leaf, long from, long to) throws SQLException, TreeFaulty {
    if (to - from == 1) {
      return leaf;
    }
    long middle = from + Long.highestOneBit(to - from - 1);
    return index < middle
        ? hashing.node(with(index, leaf, from, middle), stored(middle, to))
        : hashing.node(stored(from, middle), with(index, leaf, middle, to));
  }

  /** The root over these entries as the database has them. */
  private byte[] stored(long from, long to) throws SQLException, TreeFaulty {
    long count = to - from;
    if (Long.bitCount(count) > 1) {
      long middle = from + Long.highestOneBit(count);
      return hashing.node(stored(from, middle), stored(middle, to));
    }
    int height = Long.numberOfTrailingZeros(count);
    int level = height / TILE_HEIGHT;
    long number = from >> (TILE_HEIGHT * level);
    if ((number / WIDTH + 1) << (TILE_HEIGHT * (level + 1)) <= note.size()) {
      return fold(tile(level, number / WIDTH), (int) (number % WIDTH), 1 << (height % TILE_HEIGHT));
    }
    if (height == 0) {
      return Arrays.copyOfRange(
          edge(),
          (int) (from % WIDTH) * MerkleTree.HASH,
          (int) (from % WIDTH + 1) * MerkleTree.HASH);
    }
    if (height % TILE_HEIGHT > 0) {
      long middle = from + count / 2;
      return hashing.node(stored(from, middle), stored(middle, to));
    }
    String name = level + "/" + number;
    byte[] known = folded.get(name);
    if (known == null) {
      known = fold(tile(level - 1, number), 0, WIDTH);
      byte[] _ = folded.put(name, known);
    }
    return known;
  }

  private byte[] fold(byte[] tile, int from, int count) {
    if (count == 1) {
      return Arrays.copyOfRange(tile, from * MerkleTree.HASH, (from + 1) * MerkleTree.HASH);
    }
    return hashing.node(fold(tile, from, count / 2), fold(tile, from + count / 2, count / 2));
  }

  private byte[] tile(int level, long number) throws TreeFaulty {
    byte @Nullable [] tile = tree.upper(level, number);
    if (tile == null || tile.length != WIDTH * MerkleTree.HASH) {
      throw new TreeFaulty(
          number << (TILE_HEIGHT * (level + 1)),
          Fault.TREE,
          "tile " + level + "/" + number + " of the tree is missing");
    }
    return tile;
  }

  /** The leaves after the last full tile, from the entries themselves. */
  private byte[] edge() throws SQLException, TreeFaulty {
    byte @Nullable [] known = edge;
    if (known != null) {
      return known;
    }
    long begin = note.size() / WIDTH * WIDTH;
    byte[] leaves = new byte[(int) (note.size() - begin) * MerkleTree.HASH];
    long at = begin;
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT s.first_index + coalesce(r.seq - s.first_seq, 0) AS entry,"
                + " coalesce(r.canonical, s.heads) FROM obolus.audit_tree_span s"
                + " LEFT JOIN obolus.audit_record r ON r.chain = s.chain"
                + " AND r.seq BETWEEN s.first_seq + greatest(0, ? - s.first_index)"
                + " AND s.first_seq + least(s.leaves, ? - s.first_index) - 1"
                + " WHERE s.first_index >= coalesce((SELECT max(first_index)"
                + " FROM obolus.audit_tree_span WHERE first_index <= ?), 0)"
                + " AND s.first_index < ? ORDER BY 1")) {
      query.setLong(1, begin);
      query.setLong(2, note.size());
      query.setLong(3, begin);
      query.setLong(4, note.size());
      query.setFetchSize(WIDTH);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next() && rows.getLong(1) == at && rows.getBytes(2) != null) {
          byte[] leaf = hashing.leaf(rows.getBytes(2));
          System.arraycopy(leaf, 0, leaves, (int) (at - begin) * MerkleTree.HASH, MerkleTree.HASH);
          at++;
        }
      }
    }
    if (at < note.size()) {
      throw new TreeFaulty(at, Fault.TREE, "entry " + at + " of the tree is missing");
    }
    edge = leaves;
    return leaves;
  }
}
