// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What somebody can do who owns the database: change a stored record, past every grant. */
public final class Tampering {
  // The last letter of the origin, before the chain's field: what was changed can still be read.
  private static final String FLIP =
      """
      UPDATE obolus.audit_record
         SET canonical = set_byte(canonical, position(chain IN canonical) - 9,
                                  get_byte(canonical, position(chain IN canonical) - 9) # 1)
       WHERE encode(chain, 'hex') = ? AND seq = ?
      """;

  private Tampering() {}

  /** Which record was changed. */
  public record Place(String chain, long seq) {}

  /** Flips a bit in the middle of the oldest decision's canonical bytes. */
  public static Place flipOneByte(Connection superuser) throws SQLException {
    try (PreparedStatement query =
            superuser.prepareStatement(
                "SELECT encode(chain, 'hex'), seq FROM obolus.audit_record"
                    + " WHERE effect IS NOT NULL ORDER BY at_us, seq LIMIT 1");
        ResultSet oldest = query.executeQuery()) {
      if (!oldest.next()) {
        throw new SQLException("there is no decision to change");
      }
      Place place = new Place(oldest.getString(1), oldest.getLong(2));
      flip(superuser, place);
      return place;
    }
  }

  /** Flips it again, as a thief would who covers his tracks. */
  public static void flipBack(Connection superuser, Place place) throws SQLException {
    flip(superuser, place);
  }

  private static void flip(Connection superuser, Place place) throws SQLException {
    try (PreparedStatement update = superuser.prepareStatement(FLIP)) {
      update.setString(1, place.chain());
      update.setLong(2, place.seq());
      if (update.executeUpdate() != 1) {
        throw new SQLException("no such record");
      }
    }
  }
}
