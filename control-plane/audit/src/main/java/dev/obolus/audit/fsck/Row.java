// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A stored row, as the database gives it; never compared, so that arrays are in order. */
@SuppressWarnings("ArrayRecordComponent")
record Row(
    int epoch,
    byte[] chain,
    long seq,
    @Nullable String tenant,
    long tenantSeq,
    @Nullable UUID eventId,
    @Nullable String keyId,
    long at,
    @Nullable String code,
    @Nullable String event,
    @Nullable String effect,
    @Nullable String decisionId,
    @Nullable String person,
    @Nullable String client,
    @Nullable String connector,
    List<String> resources,
    List<String> reasons,
    byte[] canonical,
    byte[] leaf,
    byte[] prevMac,
    byte[] mac,
    byte[] @Nullable [] values) {

  static final String SELECT =
      "SELECT epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, effect,"
          + " decision_id, person, client, connector, resources, reasons, canonical, leaf, prev_mac,"
          + " mac, person_value, person_salt, statement_value, statement_salt, obligations_value,"
          + " obligations_salt, inputs_value, inputs_salt FROM obolus.audit_record WHERE chain = ?";

  static Row read(ResultSet row) throws SQLException {
    byte[] @Nullable [] values = new byte[8] @Nullable [];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.getBytes(22 + i);
    }
    return new Row(
        row.getInt(1),
        row.getBytes(2),
        row.getLong(3),
        row.getString(4),
        row.getLong(5),
        row.getObject(6, UUID.class),
        row.getString(7),
        row.getLong(8),
        row.getString(9),
        row.getString(10),
        row.getString(11),
        row.getString(12),
        row.getString(13),
        row.getString(14),
        row.getString(15),
        texts(row.getArray(16)),
        texts(row.getArray(17)),
        row.getBytes(18),
        row.getBytes(19),
        row.getBytes(20),
        row.getBytes(21),
        values);
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
