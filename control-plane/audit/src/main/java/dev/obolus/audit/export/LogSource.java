// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads records through the views, chain by chain, from where a reader has come to. Blocks. */
public final class LogSource {
  private static final String SELECT =
      "SELECT chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, person,"
          + " canonical, leaf, prev_mac, mac FROM obolus.audit_log";

  private final Connection connection;

  /** The connection's role needs SELECT on the views. */
  public LogSource(Connection connection) {
    this.connection = connection;
  }

  /** Each chain's newest record, in the order in which the chains were opened. */
  public Map<ChainId, Long> heads() throws SQLException {
    Map<ChainId, Long> heads = new LinkedHashMap<>();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT chain, seq FROM obolus.audit_chain ORDER BY opened_at, chain");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Long _ = heads.put(new ChainId(Bytes.of(rows.getBytes(1))), rows.getLong(2));
      }
    }
    return heads;
  }

  /** The chain's next records, in order, none left out; empty at its end. */
  public List<AuditRecord> after(ChainId chain, long seq, int most) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(SELECT + " WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?")) {
      query.setBytes(1, chain.bytes().toArray());
      query.setLong(2, seq);
      query.setInt(3, most);
      return records(query);
    }
  }

  /** Takes records, a page at a time. */
  interface Taker<E extends Exception> {
    void take(List<AuditRecord> page) throws SQLException, E;
  }

  /** Where a record stands. */
  record At(ChainId chain, long seq) {}

  /** Whose permit it was. */
  record Permit(String person, String agent) {
    static final Permit GONE = new Permit("?", "?");
  }

  /**
   * Goes through the answers of a span with data of a label, by the column that verifications
   * check, in no order.
   *
   * @param since the first moment
   * @param until the first one that is too late
   */
  <E extends Exception> void served(
      String label, Instant since, Instant until, int atOnce, Taker<E> taker)
      throws SQLException, E {
    connection.setAutoCommit(false); // or the driver reads it all at once
    try (PreparedStatement query =
        connection.prepareStatement(
            SELECT
                + " WHERE event = 'served' AND labels @> ARRAY[?]::text[] AND at_us >= ? AND at_us < ?")) {
      query.setString(1, label.replace('\0', '\uFFFD'));
      query.setLong(2, micros(since));
      query.setLong(3, micros(until));
      query.setFetchSize(atOnce);
      try (ResultSet rows = query.executeQuery()) {
        for (List<AuditRecord> page = next(rows, atOnce);
            !page.isEmpty();
            page = next(rows, atOnce)) {
          taker.take(page);
        }
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static List<AuditRecord> next(ResultSet rows, int atOnce) throws SQLException {
    List<AuditRecord> page = new ArrayList<>();
    while (page.size() < atOnce && rows.next()) {
      page.add(read(rows));
    }
    return page;
  }

  /** The permit that an outcome names. */
  static Optional<At> permitOf(AuditRecord outcome) {
    return Fields.whole(outcome, "permit_seq")
        .flatMap(seq ->
            Fields.text(outcome, "permit_chain").map(chain -> new At(ChainId.parse(chain), seq)));
  }

  /** Whose permits these outcomes had, as far as they are in the log. */
  Map<ChainId, Map<Long, Permit>> permits(List<AuditRecord> outcomes) throws SQLException {
    Map<ChainId, List<Long>> wanted = new HashMap<>();
    for (AuditRecord outcome : outcomes) {
      permitOf(outcome)
          .ifPresent(at -> {
            List<Long> places = wanted.computeIfAbsent(at.chain(), chain -> new ArrayList<>());
            boolean _ = places.add(at.seq());
          });
    }
    Map<ChainId, Map<Long, Permit>> found = new HashMap<>();
    for (Map.Entry<ChainId, List<Long>> chain : wanted.entrySet()) {
      Map<Long, Permit> _ = found.put(chain.getKey(), permits(chain.getKey(), chain.getValue()));
    }
    return found;
  }

  private Map<Long, Permit> permits(ChainId chain, List<Long> places) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            SELECT + " WHERE chain = ? AND seq = ANY(?) AND event = 'decided'")) {
      query.setBytes(1, chain.bytes().toArray());
      query.setArray(2, connection.createArrayOf("bigint", places.toArray()));
      Map<Long, Permit> permits = new HashMap<>();
      for (AuditRecord record : records(query)) {
        String agent =
            Fields.text(record, "agent").or(() -> Fields.text(record, "client")).orElse("-");
        Permit _ = permits.put(record.seq(), new Permit(record.person(), agent));
      }
      return permits;
    }
  }

  private static List<AuditRecord> records(PreparedStatement query) throws SQLException {
    try (ResultSet rows = query.executeQuery()) {
      return next(rows, Integer.MAX_VALUE);
    }
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  /** A signed checkpoint as a note, and how many of the tree's entries it covers. */
  record Checkpoint(long size, String note) {}

  /** The newest signed checkpoint, where this role may read the tree and there is one. */
  Optional<Checkpoint> checkpoint() throws SQLException {
    try (PreparedStatement may =
            connection.prepareStatement(
                "SELECT has_table_privilege('obolus.audit_checkpoint', 'SELECT')"
                    + " AND has_table_privilege('obolus.audit_tree_span', 'SELECT')");
        ResultSet answer = may.executeQuery()) {
      if (!answer.next() || !answer.getBoolean(1)) {
        return Optional.empty();
      }
    }
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT size, note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
        ResultSet rows = query.executeQuery()) {
      return rows.next()
          ? Optional.of(new Checkpoint(rows.getLong(1), rows.getString(2)))
          : Optional.empty();
    }
  }

  /** The chain's newest record among the tree's first entries; 0 if it has none there. */
  long covered(ChainId chain, long size) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT first_seq - 1 + least(leaves, ? - first_index) FROM obolus.audit_tree_span"
                + " WHERE chain = ? AND first_index < ? ORDER BY first_seq DESC LIMIT 1")) {
      query.setLong(1, size);
      query.setBytes(2, chain.bytes().toArray());
      query.setLong(3, size);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** The log's note of a prune, if it has signed one. */
  Optional<String> pruneNote(At prune) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT note FROM obolus.audit_prune_note WHERE chain = ? AND seq = ?")) {
      query.setBytes(1, prune.chain().bytes().toArray());
      query.setLong(2, prune.seq());
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  /** The tenant of a record, if it is in the log. */
  Optional<String> tenant(At record) throws SQLException {
    return after(record.chain(), record.seq() - 1, 1).stream()
        .filter(found -> found.seq() == record.seq())
        .map(AuditRecord::tenant)
        .findFirst();
  }

  private static AuditRecord read(ResultSet row) throws SQLException {
    byte[] canonical = row.getBytes("canonical");
    return new AuditRecord(
        new ChainId(Bytes.of(row.getBytes("chain"))),
        row.getLong("seq"),
        row.getString("tenant"),
        row.getLong("tenant_seq"),
        row.getString("event_id"),
        row.getString("key_id"),
        row.getString("code"),
        row.getString("event"),
        row.getString("person"),
        Instant.EPOCH.plus(row.getLong("at_us"), ChronoUnit.MICROS),
        CanonicalReader.shown(canonical),
        Bytes.of(canonical),
        Bytes.of(row.getBytes("leaf")),
        Bytes.of(row.getBytes("mac")),
        Bytes.of(row.getBytes("prev_mac")));
  }
}
