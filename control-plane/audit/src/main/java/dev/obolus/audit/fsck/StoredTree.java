// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tree as the database holds it, given to a {@link TreeCheck} and asked for leaves. */
final class StoredTree {
  private static final int FETCH = 1_000;
  private static final int WIDTH = 256;

  /** No integrator makes longer runs; whoever may add rows is not to choose how much is read. */
  private static final int LONGEST_RUN = 65_536;

  private static final String FULL = "SELECT count(*) FROM obolus.audit_tile WHERE level = 0";

  private final Connection connection;
  private final long fullTiles;

  StoredTree(Connection connection) throws SQLException {
    this.connection = connection;
    this.fullTiles = whole(FULL);
  }

  private StoredTree(Connection connection, long fullTiles) {
    this.connection = connection;
    this.fullTiles = fullTiles;
  }

  /** For ways up to the root only: nothing is read that grows with the log. */
  static StoredTree forProofs(Connection connection) {
    return new StoredTree(connection, 0);
  }

  /** Walks the whole tree; answers the newest checkpoint, if there is one. */
  Optional<Note> check(TreeCheck check) throws SQLException, TreeFaulty {
    Note newest = null;
    try (Cursor spans =
            new Cursor(
                "SELECT first_index, leaves, chain, first_seq, last_mac, heads"
                    + " FROM obolus.audit_tree_span ORDER BY first_index");
        Cursor tiles =
            new Cursor("SELECT tile, hashes FROM obolus.audit_tile WHERE level = 0 ORDER BY tile");
        Cursor notes = new Cursor("SELECT size, note FROM obolus.audit_checkpoint ORDER BY size")) {
      Leaves leaves = new Leaves(tiles, check);
      boolean more = notes.next();
      while (spans.next()) {
        if (spans.rows.getLong(1) != check.size()) {
          throw new TreeFaulty(
              check.size(), Fault.TREE, "entry " + check.size() + " of the tree is missing");
        }
        byte[] entry = spans.rows.getBytes(6);
        if (entry != null) {
          leaves.heads(entry);
        } else {
          ChainId chain = new ChainId(Bytes.of(spans.rows.getBytes(3)));
          int count = spans.rows.getInt(2);
          long firstSeq = spans.rows.getLong(4);
          if (count < 1 || count > LONGEST_RUN) {
            throw new TreeFaulty(
                check.size(), Fault.TREE, "a run of " + count + " records is none of a log's");
          }
          check.run(chain, firstSeq, count, Bytes.of(spans.rows.getBytes(5)));
          leaves.records(chain, firstSeq, count);
        }
        check.compareKept();
        while (more && notes.rows.getLong(1) <= check.size()) {
          newest = note(notes.rows);
          check.checkpoint(newest);
          more = notes.next();
        }
      }
      if (more) {
        throw new TreeFaulty(
            check.size(),
            Fault.TRUNCATED,
            "the tree was cut off: a tree of "
                + notes.rows.getLong(1)
                + " entries was signed, and this one has "
                + check.size());
      }
      leaves.end();
    }
    check.end();
    return Optional.ofNullable(newest);
  }

  /** The newest checkpoint, whoever signed it. */
  Optional<Note> newest() throws SQLException, TreeFaulty {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT size, note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1")) {
      return row.next() ? Optional.of(note(row)) : Optional.empty();
    }
  }

  /** The checkpoint of that size, as far as one can be read. */
  Optional<Note> checkpoint(long size) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT note FROM obolus.audit_checkpoint WHERE size = ?")) {
      query.setLong(1, size);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(Note.parse(row.getString(1))) : Optional.empty();
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Note note(ResultSet row) throws SQLException, TreeFaulty {
    long size = row.getLong(1);
    try {
      Note note = Note.parse(row.getString(2));
      if (note.size() == size) {
        return note;
      }
    } catch (IllegalArgumentException e) {
      throw new TreeFaulty(
          size, Fault.SIGNATURE, "the checkpoint of size " + size + " is none: " + e.getMessage());
    }
    throw new TreeFaulty(
        size, Fault.SIGNATURE, "the checkpoint of size " + size + " is of another size");
  }

  /** Leaf after leaf: from full tiles, and after the last of them from the entries themselves. */
  private final class Leaves {
    private final Cursor tiles;
    private final TreeCheck check;
    private byte[] tile = new byte[0];

    Leaves(Cursor tiles, TreeCheck check) {
      this.tiles = tiles;
      this.check = check;
    }

    void heads(byte[] entry) throws SQLException, TreeFaulty {
      long index = check.size();
      byte @Nullable [] stored = stored(index);
      check.heads(entry);
      if (stored != null
          && !Arrays.equals(stored, new MerkleTree((level, hash) -> {}).leaf(entry))) {
        throw new TreeFaulty(index, Fault.TREE, "entry " + index + " of the tree was changed");
      }
    }

    void records(ChainId chain, long firstSeq, int count) throws SQLException, TreeFaulty {
      for (int i = 0; i < count; i++) {
        byte @Nullable [] stored = stored(check.size());
        if (stored == null) {
          fromRecords(chain, firstSeq + i, count - i);
          return;
        }
        check.leaf(stored);
      }
    }

    private void fromRecords(ChainId chain, long firstSeq, int count)
        throws SQLException, TreeFaulty {
      MerkleTree hashing = new MerkleTree((level, hash) -> {});
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT seq, canonical FROM obolus.audit_record WHERE chain = ? AND seq >= ?"
                  + " AND seq < ? ORDER BY seq")) {
        query.setBytes(1, chain.bytes().toArray());
        query.setLong(2, firstSeq);
        query.setLong(3, firstSeq + count);
        long due = firstSeq;
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next() && rows.getLong(1) == due) {
            check.leaf(hashing.leaf(rows.getBytes(2)));
            due++;
          }
        }
        if (due != firstSeq + count) {
          throw new TreeFaulty(
              check.size(),
              Fault.TREE,
              "record " + due + " of chain " + chain + " is in the tree and missing from the log");
        }
      }
    }

    private byte @Nullable [] stored(long index) throws SQLException, TreeFaulty {
      if (index >= fullTiles * WIDTH) {
        return null;
      }
      int place = (int) (index % WIDTH);
      if (place == 0 || tile.length == 0) {
        if (!tiles.next() || tiles.rows.getLong(1) != index / WIDTH) {
          throw new TreeFaulty(
              index, Fault.TREE, "tile 0/" + index / WIDTH + " of the tree is missing");
        }
        tile = tiles.rows.getBytes(2);
      }
      return Arrays.copyOfRange(tile, place * MerkleTree.HASH, (place + 1) * MerkleTree.HASH);
    }

    void end() throws TreeFaulty {
      if (check.size() / WIDTH != fullTiles) {
        throw new TreeFaulty(
            check.size(),
            Fault.TREE,
            "the tree has "
                + fullTiles
                + " full tiles of leaves, and "
                + check.size()
                + " entries");
      }
    }
  }

  /** A full tile. */
  byte @Nullable [] upper(int level, long tile) {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT hashes FROM obolus.audit_tile WHERE level = ? AND tile = ?")) {
      query.setInt(1, level);
      query.setLong(2, tile);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getBytes(1) : null;
      }
    } catch (SQLException e) {
      return null;
    }
  }

  /** When the newest checkpoint was made, as the entry of heads under it says. */
  Optional<Instant> signedAt() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT heads FROM obolus.audit_tree_span WHERE heads IS NOT NULL"
                    + " ORDER BY first_index DESC LIMIT 1")) {
      byte[] heads = row.next() ? row.getBytes(1) : new byte[0];
      return heads.length < 12
          ? Optional.empty()
          : Optional.of(Instant.EPOCH.plus(ByteBuffer.wrap(heads).getLong(4), ChronoUnit.MICROS));
    }
  }

  /** A record's place. */
  record Place(ChainId chain, long seq) {}

  /** Records of a chain that lie side by side in the tree. */
  record Span(long firstSeq, long firstIndex, int leaves, Bytes lastMac) {
    long lastSeq() {
      return firstSeq + leaves - 1;
    }
  }

  /**
   * Where a chain's records are in the tree, from a record on, at most about that many records.
   * Runs that are too long are left out: {@link #check} names them.
   */
  List<Span> spans(ChainId chain, long fromSeq, int records) throws SQLException {
    List<Span> spans = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT first_seq, first_index, leaves, last_mac FROM obolus.audit_tree_span"
                + " WHERE chain = ? AND first_seq >= coalesce((SELECT max(first_seq) FROM"
                + " obolus.audit_tree_span WHERE chain = ? AND first_seq <= ?), 0)"
                + " AND first_seq < ? AND leaves BETWEEN 1 AND ? ORDER BY first_seq")) {
      query.setBytes(1, chain.bytes().toArray());
      query.setBytes(2, chain.bytes().toArray());
      query.setLong(3, fromSeq);
      query.setLong(4, fromSeq + records);
      query.setInt(5, LONGEST_RUN);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Span span =
              new Span(
                  rows.getLong(1), rows.getLong(2), rows.getInt(3), Bytes.of(rows.getBytes(4)));
          if (span.lastSeq() >= fromSeq) {
            spans.add(span);
          }
        }
      }
    }
    return spans;
  }

  /** Where a record stands in the tree, if it does. */
  Optional<Long> index(ChainId chain, long seq) throws SQLException {
    List<Span> spans = spans(chain, seq, 1);
    return spans.isEmpty()
        ? Optional.empty()
        : Optional.of(spans.getFirst().firstIndex() + seq - spans.getFirst().firstSeq());
  }

  /**
   * Whether a record stands in the tree with this leaf; after the last full tile, where leaves are
   * those of the records themselves, {@link #check} finds another one by the root.
   */
  boolean holds(ChainId chain, long seq, byte[] leaf) throws SQLException {
    Optional<Long> index = index(chain, seq);
    if (index.isEmpty() || index.get() >= fullTiles * WIDTH) {
      return index.isPresent();
    }
    byte @Nullable [] tile = upper(0, index.get() / WIDTH);
    int at = (int) (index.get() % WIDTH) * MerkleTree.HASH;
    return tile != null
        && tile.length >= at + MerkleTree.HASH
        && Arrays.equals(tile, at, at + MerkleTree.HASH, leaf, 0, leaf.length);
  }

  /**
   * The tree's leaves of runs of records, 32 bytes each, as far as they are in full tiles.
   *
   * @return as many leaves as were found, in order of seq from the first span's first on
   */
  byte[] leaves(List<Span> spans) throws SQLException {
    int records = spans.stream().mapToInt(Span::leaves).sum();
    byte[] leaves = new byte[records * MerkleTree.HASH];
    long from = spans.getFirst().firstIndex() / WIDTH;
    Span last = spans.getLast();
    long to = (last.firstIndex() + last.leaves() - 1) / WIDTH;
    int filled = 0;
    int span = 0;
    int within = 0;
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT tile, hashes FROM obolus.audit_tile WHERE level = 0 AND tile BETWEEN ? AND ?"
                + " ORDER BY tile")) {
      query.setLong(1, from);
      query.setLong(2, to);
      query.setFetchSize(FETCH);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next() && span < spans.size()) {
          long first = rows.getLong(1) * WIDTH;
          byte[] hashes = rows.getBytes(2);
          while (span < spans.size()) {
            Span now = spans.get(span);
            long index = now.firstIndex() + within;
            if (index >= first + WIDTH) {
              break;
            }
            if (index < first) {
              return Arrays.copyOf(leaves, filled); // a tile is missing: the tree's check says so
            }
            int count = (int) Math.min(now.leaves() - within, first + WIDTH - index);
            System.arraycopy(
                hashes,
                (int) (index - first) * MerkleTree.HASH,
                leaves,
                filled,
                count * MerkleTree.HASH);
            filled += count * MerkleTree.HASH;
            within += count;
            if (within == now.leaves()) {
              span++;
              within = 0;
            }
          }
        }
      }
    }
    return Arrays.copyOf(leaves, filled);
  }

  /** A record's leaf as a full tile has it; empty where none does. */
  byte[] leaf(ChainId chain, long seq) throws SQLException {
    List<Span> spans = spans(chain, seq, 1);
    if (spans.isEmpty()) {
      return new byte[0];
    }
    byte[] leaves = leaves(spans.subList(0, 1));
    int at = (int) (seq - spans.getFirst().firstSeq()) * MerkleTree.HASH;
    return at < 0 || at >= leaves.length
        ? new byte[0]
        : Arrays.copyOfRange(leaves, at, at + MerkleTree.HASH);
  }

  /** The record that stands at an index of the tree, or the first after it. */
  Optional<Place> record(long index) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT chain, greatest(first_seq, first_seq + ? - first_index)"
                + " FROM obolus.audit_tree_span WHERE chain IS NOT NULL AND first_index + leaves > ?"
                + " ORDER BY first_index LIMIT 1")) {
      query.setLong(1, index);
      query.setLong(2, index);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(new Place(new ChainId(Bytes.of(row.getBytes(1))), row.getLong(2)))
            : Optional.empty();
      }
    }
  }

  private long whole(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      boolean _ = row.next();
      return row.getLong(1);
    }
  }

  /** Rows in order, fetched as they are needed. */
  private final class Cursor implements AutoCloseable {
    private final Statement statement;
    private final ResultSet rows;

    Cursor(String query) throws SQLException {
      statement = connection.createStatement();
      statement.setFetchSize(FETCH);
      rows = statement.executeQuery(query);
    }

    boolean next() throws SQLException {
      return rows.next();
    }

    @Override
    public void close() throws SQLException {
      statement.close();
    }
  }
}
