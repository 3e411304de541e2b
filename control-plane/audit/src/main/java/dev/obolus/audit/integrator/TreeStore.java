// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.tree.Heads;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.Tiles;
import dev.obolus.audit.tree.TreeEdge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tree's tables, over JDBC. Blocks. Not for several threads. */
public final class TreeStore implements Tiles {
  private static final int HASH = 32;

  private final Connection connection;

  public TreeStore(Connection connection) {
    this.connection = connection;
  }

  /** An entry that a checkpoint covers is not there. */
  static final class Missing extends IOException {
    private static final long serialVersionUID = 1L;

    Missing(long index) {
      super("entry " + index + " of the tree is missing");
    }
  }

  /** A stored checkpoint. */
  public record Signed(long size, SignedNote note) {}

  /** Leaves that are records of one chain, or the one leaf of heads. */
  record Span(long firstIndex, int leaves, Optional<Run> run, Optional<Bytes> heads) {}

  /** Records of a chain, one after the other. */
  record Run(ChainId chain, long firstSeq, Bytes lastMac) {}

  /** The newest checkpoint. */
  public Optional<Signed> newest() throws SQLException {
    return newest(Long.MAX_VALUE);
  }

  /** The newest checkpoint of that size or a smaller one. */
  Optional<Signed> newest(long size) throws SQLException {
    return checkpoint(
        "SELECT size, note FROM obolus.audit_checkpoint WHERE size <= "
            + size
            + " ORDER BY size DESC LIMIT 1");
  }

  private Optional<Signed> checkpoint(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next()
          ? Optional.of(new Signed(row.getLong(1), SignedNote.parse(row.getString(2))))
          : Optional.empty();
    }
  }

  /** The checkpoint of that size. */
  public Optional<Signed> ofSize(long size) throws SQLException {
    return checkpoint("SELECT size, note FROM obolus.audit_checkpoint WHERE size = " + size);
  }

  /** What witnesses answered to the checkpoint of that size. */
  List<SignedNote.Line> cosignatures(long size) throws SQLException {
    List<SignedNote.Line> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT lines FROM obolus.audit_cosignature WHERE size = "
                    + size
                    + " ORDER BY witness")) {
      while (rows.next()) {
        lines.addAll(SignedNote.Line.parseAll(rows.getString(1)));
      }
    }
    return lines;
  }

  /** The size of the newest checkpoint that a witness cosigned. */
  Optional<Long> newestCosigned() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT max(size) FROM obolus.audit_cosignature")) {
      return row.next() && row.getObject(1) != null
          ? Optional.of(row.getLong(1))
          : Optional.empty();
    }
  }

  void addCosignature(long size, String witness, List<SignedNote.Line> lines, Instant now)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_cosignature (size, witness, received_us, lines)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      insert.setLong(1, size);
      insert.setString(2, witness);
      insert.setLong(3, micros(now));
      insert.setString(
          4,
          lines.stream()
              .map(SignedNote.Line::toString)
              .collect(java.util.stream.Collectors.joining("\n", "", "\n")));
      int _ = insert.executeUpdate();
    }
  }

  void addTimeStamp(long size, String authority, Bytes token, Instant now) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_timestamp (size, authority, received_us, token)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      insert.setLong(1, size);
      insert.setString(2, authority);
      insert.setLong(3, micros(now));
      insert.setBytes(4, token.toArray());
      int _ = insert.executeUpdate();
    }
  }

  /** The newest record of each chain, as the database shows it. */
  Map<ChainId, Heads.Head> heads() throws SQLException {
    return heads("SELECT chain, seq, mac FROM obolus.audit_head ORDER BY opened_at, chain");
  }

  /** The newest record of each chain in the tree. */
  Map<ChainId, Heads.Head> integrated() throws SQLException {
    return heads(
        """
        WITH RECURSIVE chains AS (
          (SELECT chain FROM obolus.audit_tree_span WHERE chain IS NOT NULL ORDER BY chain LIMIT 1)
          UNION ALL
          SELECT (SELECT s.chain FROM obolus.audit_tree_span s WHERE s.chain > c.chain ORDER BY s.chain LIMIT 1)
            FROM chains c WHERE c.chain IS NOT NULL)
        SELECT c.chain, last.seq, last.mac
          FROM chains c CROSS JOIN LATERAL (
            SELECT first_seq + leaves - 1 AS seq, last_mac AS mac FROM obolus.audit_tree_span s
             WHERE s.chain = c.chain ORDER BY first_seq DESC LIMIT 1) AS last
         WHERE c.chain IS NOT NULL
        """);
  }

  private Map<ChainId, Heads.Head> heads(String query) throws SQLException {
    Map<ChainId, Heads.Head> heads = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        ChainId chain = new ChainId(Bytes.of(rows.getBytes(1)));
        heads.put(chain, new Heads.Head(chain, rows.getLong(2), Bytes.of(rows.getBytes(3))));
      }
    }
    return heads;
  }

  /** The root keys that first records in the tree revoke. */
  Set<String> revoked() throws SQLException {
    Set<String> revoked = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT r.canonical FROM obolus.audit_head h
                  JOIN obolus.audit_tree_span s ON s.chain = h.chain AND s.first_seq = 1
                  JOIN obolus.audit_record r ON r.chain = h.chain AND r.seq = 1 AND r.epoch = h.epoch
                 WHERE position('\\x006204'::bytea IN r.canonical) > 0 -- field 98, texts: or chance
                """)) {
      while (rows.next()) {
        revoked.addAll(ChainTails.revocations(rows.getBytes(1)));
      }
    }
    return revoked;
  }

  /** A record as the integrator looks at it; never compared. */
  @SuppressWarnings("ArrayRecordComponent")
  record Row(
      long seq,
      String keyId,
      String code,
      byte[] canonical,
      byte[] leaf,
      byte[] prevMac,
      byte[] mac) {}

  /** What follows in a chain, at most that many. */
  List<Row> rows(ChainId chain, long after, int most) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT seq, key_id, code, canonical, leaf, prev_mac, mac FROM obolus.audit_record"
                + " WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?")) {
      query.setBytes(1, chain.bytes().toArray());
      query.setLong(2, after);
      query.setInt(3, most);
      List<Row> found = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(
              new Row(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getBytes(4),
                  rows.getBytes(5),
                  rows.getBytes(6),
                  rows.getBytes(7)));
        }
      }
      return found;
    }
  }

  /** Writes what a checkpoint needs and the checkpoint itself; the caller commits. */
  void add(List<Span> spans, List<TreeEdge.Tile> tiles, Signed signed, Instant now)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_tree_span (first_index, leaves, chain, first_seq, last_mac,"
                + " heads) VALUES (?, ?, ?, ?, ?, ?)")) {
      for (Span span : spans) {
        insert.setLong(1, span.firstIndex());
        insert.setInt(2, span.leaves());
        insert.setBytes(3, span.run().map(run -> run.chain().bytes().toArray()).orElse(null));
        insert.setObject(4, span.run().map(Run::firstSeq).orElse(null), java.sql.Types.BIGINT);
        insert.setBytes(5, span.run().map(run -> run.lastMac().toArray()).orElse(null));
        insert.setBytes(6, span.heads().map(Bytes::toArray).orElse(null));
        insert.addBatch();
      }
      int[] _ = insert.executeBatch();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_tile (level, tile, hashes) VALUES (?, ?, ?)")) {
      for (TreeEdge.Tile tile : tiles) {
        insert.setInt(1, tile.level());
        insert.setLong(2, tile.tile());
        insert.setBytes(3, tile.hashes().toArray());
        insert.addBatch();
      }
      int[] _ = insert.executeBatch();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_checkpoint (size, signed_us, note) VALUES (?, ?, ?)")) {
      insert.setLong(1, signed.size());
      insert.setLong(2, micros(now));
      insert.setString(3, signed.note().toString());
      int _ = insert.executeUpdate();
    }
  }

  /** Keeps the signed note of a prune; the caller commits. */
  void addPrune(ChainId chain, long seq, SignedNote note, Instant now) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_prune_note (chain, seq, signed_us, note)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      insert.setBytes(1, chain.bytes().toArray());
      insert.setLong(2, seq);
      insert.setLong(3, micros(now));
      insert.setString(4, note.toString());
      int _ = insert.executeUpdate();
    }
  }

  /** A note of a prune, and the record that it is of. */
  record PruneNoteOf(ChainId chain, long seq, String note) {}

  /** The notes of prunes whose records are in the tree of that size. */
  List<PruneNoteOf> pruneNotes(long size) throws SQLException {
    List<PruneNoteOf> notes = new ArrayList<>();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT n.chain, n.seq, n.note FROM obolus.audit_prune_note n WHERE EXISTS (SELECT"
                    + " FROM obolus.audit_tree_span s WHERE s.chain = n.chain AND n.seq >="
                    + " s.first_seq AND n.seq < s.first_seq + s.leaves AND s.first_index + n.seq -"
                    + " s.first_seq < "
                    + size
                    + ") ORDER BY n.chain, n.seq");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        notes.add(
            new PruneNoteOf(
                new ChainId(Bytes.of(rows.getBytes(1))), rows.getLong(2), rows.getString(3)));
      }
    }
    return notes;
  }

  /**
   * The leaves that the tree holds for records of a chain, one after the other.
   *
   * @return as many as are in full tiles, from the first on without a gap
   */
  public byte[] leaves(ChainId chain, long firstSeq, long lastSeq)
      throws SQLException, IOException {
    ByteArrayOutputStream leaves = new ByteArrayOutputStream();
    long due = firstSeq;
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT first_seq, first_index, leaves FROM obolus.audit_tree_span WHERE chain = ?"
                + " AND first_seq <= ? AND first_seq + leaves > ? ORDER BY first_seq")) {
      query.setBytes(1, chain.bytes().toArray());
      query.setLong(2, lastSeq);
      query.setLong(3, firstSeq);
      try (ResultSet spans = query.executeQuery()) {
        while (spans.next() && due <= lastSeq && spans.getLong(1) <= due) {
          long end = Math.min(lastSeq + 1, spans.getLong(1) + spans.getInt(3));
          long index = spans.getLong(2) + due - spans.getLong(1);
          while (due < end) {
            Optional<byte[]> tile = stored(0, index / TreeEdge.WIDTH);
            if (tile.isEmpty()) {
              return leaves.toByteArray();
            }
            int within = (int) (index % TreeEdge.WIDTH);
            int count = (int) Math.min(end - due, TreeEdge.WIDTH - within);
            leaves.write(tile.get(), within * HASH, count * HASH);
            due += count;
            index += count;
          }
        }
      }
    }
    return leaves.toByteArray();
  }

  static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  /** Full tiles as they are stored; others from the leaves or from the tiles below. */
  @Override
  public byte[] read(int level, long tile, int width) throws IOException {
    try {
      Optional<byte[]> stored = stored(level, tile);
      if (stored.isPresent()) {
        return java.util.Arrays.copyOf(stored.get(), width * HASH);
      }
      return level == 0
          ? leaves(tile * TreeEdge.WIDTH, width)
          : above(level, tile * TreeEdge.WIDTH, width);
    } catch (SQLException e) {
      throw new IOException("the tree's tile " + level + "/" + tile + " cannot be read", e);
    }
  }

  private Optional<byte[]> stored(int level, long tile) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT hashes FROM obolus.audit_tile WHERE level = ? AND tile = ?")) {
      query.setInt(1, level);
      query.setLong(2, tile);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    }
  }

  private byte[] above(int level, long first, int width) throws IOException {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream(width * HASH);
    for (int i = 0; i < width; i++) {
      hashes.writeBytes(TreeEdge.rootOf(read(level - 1, first + i, TreeEdge.WIDTH)));
    }
    return hashes.toByteArray();
  }

  private byte[] leaves(long first, int count) throws SQLException, IOException {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream(count * HASH);
    for (byte[] entry : entries(first, count)) {
      hashes.writeBytes(TreeEdge.leafOf(entry));
    }
    return hashes.toByteArray();
  }

  /** The entries from an index on: canonical bytes of records, and heads. */
  public List<byte[]> entries(long first, int count) throws SQLException, IOException {
    List<byte[]> entries = stored(first, count);
    for (int i = 0; i < count; i++) {
      if (entries.get(i).length == 0) {
        throw new Missing(first + i);
      }
    }
    return entries;
  }

  /** The same; nothing for a record that is not there any more. */
  List<byte[]> stored(long first, int count) throws SQLException {
    List<byte[]> entries = new ArrayList<>(java.util.Collections.nCopies(count, new byte[0]));
    try (PreparedStatement query =
        connection.prepareStatement(
            """
            SELECT s.first_index, r.seq - s.first_seq, coalesce(s.heads, r.canonical)
              FROM obolus.audit_tree_span s
              LEFT JOIN LATERAL (
                SELECT r.seq, r.canonical FROM obolus.audit_record r
                 WHERE r.chain = s.chain
                   AND r.seq >= s.first_seq + greatest(0, ? - s.first_index)
                   AND r.seq < s.first_seq + least(s.leaves, ? - s.first_index)) AS r ON true
             WHERE s.first_index < ?
               AND s.first_index >= coalesce((SELECT max(f.first_index) FROM obolus.audit_tree_span f
                                               WHERE f.first_index <= ?), 0)
             ORDER BY s.first_index, r.seq
            """)) {
      query.setLong(1, first);
      query.setLong(2, first + count);
      query.setLong(3, first + count);
      query.setLong(4, first);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          long index = rows.getLong(1) + rows.getLong(2);
          byte[] entry = rows.getBytes(3);
          if (entry != null) {
            byte[] _ = entries.set((int) (index - first), entry);
          }
        }
      }
    }
    return entries;
  }

  /** Where a record stands in the tree, if it does. */
  public Optional<Long> indexOf(ChainId chain, long seq) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT first_index + ? - first_seq FROM obolus.audit_tree_span WHERE chain = ?"
                + " AND first_seq <= ? AND first_seq + leaves > ? ORDER BY first_seq DESC LIMIT 1")) {
      query.setLong(1, seq);
      query.setBytes(2, chain.bytes().toArray());
      query.setLong(3, seq);
      query.setLong(4, seq);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
      }
    }
  }
}
