// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A stored row as PostgreSQL's binary COPY gives it: nothing is decoded that is not asked for. One
 * instance goes from row to row. Not for several threads.
 */
final class RawRow {
  static final int EPOCH = 0;
  static final int CHAIN = 1;
  static final int SEQ = 2;
  static final int TENANT = 3;
  static final int TENANT_SEQ = 4;
  static final int EVENT_ID = 5;
  static final int KEY_ID = 6;
  static final int AT = 7;
  static final int CODE = 8;
  static final int EVENT = 9;
  static final int EFFECT = 10;
  static final int DECISION_ID = 11;
  static final int PERSON = 12;
  static final int CLIENT = 13;
  static final int CONNECTOR = 14;
  static final int RESOURCES = 15;
  static final int REASONS = 16;
  static final int CANONICAL = 17;
  static final int LEAF = 18;
  static final int PREV_MAC = 19;
  static final int MAC = 20;

  /** The first of four pairs of value and salt. */
  static final int VALUES = 21;

  static final int AGENT = 29;
  static final int ACTION = 30;
  static final int ACTION_CLASS = 31;
  static final int LANE = 32;
  static final int LABELS = 33;
  static final int PURPOSE = 34;
  static final int CONVERSATION = 35;
  static final int TOKEN_ID = 36;
  static final int REVISION = 37;
  static final int TOOK_US = 38;

  static final String COLUMNS =
      "epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, effect,"
          + " decision_id, person, client, connector, resources, reasons, canonical, leaf, prev_mac,"
          + " mac, person_value, person_salt, statement_value, statement_salt, obligations_value,"
          + " obligations_salt, inputs_value, inputs_salt, agent, action, action_class, lane,"
          + " labels, purpose, conversation, token_id, revision, took_us";

  private static final int COUNT = 39;

  private byte[] bytes = new byte[0];
  private ByteBuffer in = ByteBuffer.wrap(bytes);
  private final int[] start = new int[COUNT];
  private final int[] length = new int[COUNT];

  /**
   * Goes to the row that begins there: a count of fields, and each field with its length before it.
   */
  void read(byte[] row, int from) {
    bytes = row;
    in = ByteBuffer.wrap(row);
    int at = from;
    int count = in.getShort(at);
    if (count != COUNT) {
      throw new IllegalStateException("a row of " + count + " columns");
    }
    at += Short.BYTES;
    for (int i = 0; i < COUNT; i++) {
      int size = in.getInt(at);
      at += Integer.BYTES;
      start[i] = at;
      length[i] = size;
      at += Math.max(0, size);
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int start(int column) {
    return start[column];
  }

  /** -1 for a null. */
  int length(int column) {
    return length[column];
  }

  boolean isNull(int column) {
    return length[column] < 0;
  }

  int whole32(int column) {
    return in.getInt(start[column]);
  }

  long whole64(int column) {
    return in.getLong(start[column]);
  }

  long seq() {
    return whole64(SEQ);
  }

  byte[] copy(int column) {
    return Arrays.copyOfRange(bytes, start[column], start[column] + Math.max(0, length[column]));
  }

  /** Whether the column holds these bytes. */
  boolean holds(int column, byte[] other, int from, int to) {
    return length[column] == to - from
        && Arrays.equals(bytes, start[column], start[column] + length[column], other, from, to);
  }

  boolean holds(int column, byte[] other) {
    return holds(column, other, 0, other.length);
  }

  /** A one-dimensional array's elements begin there: each with its length before it. */
  int elements(int column) {
    return in.getInt(start[column]) == 0 ? start[column] + length[column] : start[column] + 20;
  }
}
