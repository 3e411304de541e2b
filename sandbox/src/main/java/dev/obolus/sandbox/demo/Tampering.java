// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What somebody can do who owns the database: change a stored record, past every grant. */
public final class Tampering {
  private Tampering() {}

  /** Which record was changed. */
  public record Place(String chain, long seq) {}

  /** Flips the lowest bit in the middle of a stored record's canonical bytes. */
  public static Place flipOneByte(PostgresServer server) throws SQLException {
    try (Connection connection = server.connect(Database.NAME);
        Statement statement = connection.createStatement();
        ResultSet changed =
            statement.executeQuery(
                """
                UPDATE obolus.audit_record AS r
                   SET canonical = set_byte(r.canonical, length(r.canonical) / 2,
                                            get_byte(r.canonical, length(r.canonical) / 2) # 1)
                  FROM (SELECT chain, seq FROM obolus.audit_record
                         WHERE effect IS NOT NULL ORDER BY at_us LIMIT 1) AS victim
                 WHERE r.chain = victim.chain AND r.seq = victim.seq
                RETURNING encode(r.chain, 'hex'), r.seq
                """)) {
      if (!changed.next()) {
        throw new SQLException("there is no record to change");
      }
      return new Place(changed.getString(1), changed.getLong(2));
    }
  }
}
