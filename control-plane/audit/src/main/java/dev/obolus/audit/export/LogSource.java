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
      try (ResultSet rows = query.executeQuery()) {
        List<AuditRecord> records = new ArrayList<>();
        while (rows.next()) {
          records.add(read(rows));
        }
        return records;
      }
    }
  }

  /** The newest signed checkpoint as a note, where this role may read it and there is one. */
  public Optional<String> checkpoint() throws SQLException {
    try (PreparedStatement may =
            connection.prepareStatement(
                "SELECT has_table_privilege('obolus.audit_checkpoint', 'SELECT')");
        ResultSet answer = may.executeQuery()) {
      if (!answer.next() || !answer.getBoolean(1)) {
        return Optional.empty();
      }
    }
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT note FROM obolus.audit_checkpoint ORDER BY size DESC LIMIT 1");
        ResultSet rows = query.executeQuery()) {
      return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
    }
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
        CanonicalReader.read(canonical),
        Bytes.of(canonical),
        Bytes.of(row.getBytes("leaf")),
        Bytes.of(row.getBytes("mac")),
        Bytes.of(row.getBytes("prev_mac")));
  }
}
