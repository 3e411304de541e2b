// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Derives the search columns from the sealed bytes once more and compares. */
final class Columns {
  private static final byte[] NOBODY = {'-'};
  private static final byte[] NO_LABELS = {};

  /** What PostgreSQL's text shows in place of U+0000. */
  private static final String REPLACEMENT = "\uFFFD";

  /** Per code, read as one number, its event's word. */
  private static final Map<Long, byte[]> EVENTS = new HashMap<>();

  static {
    String table =
        "OBO0001A open,OBO0002A close,OBO0003A tombstone,OBO0004A clock,"
            + "OBO0005A recovery,OBO1001A decided,OBO1001D decided,OBO1001S decided,"
            + "OBO1001H decided,OBO1002A served,OBO1002F failed,OBO1002C cancelled,"
            + "OBO2001D rejected,OBO3001A signed_in,OBO3002A operator_acted,"
            + "OBO3002D operator_acted,OBO3003A erased,OBO3004A pruned,OBO3005A approval,"
            + "OBO3005H approval,OBO3006A frozen,OBO3007A unfrozen,"
            + "OBO4001A policy_changed,OBO4001F policy_changed,OBO5001A key_issued,"
            + "OBO5001D key_refused,OBO5002A key_withdrawn";
    for (String line : table.split(",", -1)) {
      byte[] code = line.substring(0, 8).getBytes(StandardCharsets.US_ASCII);
      byte[] _ =
          EVENTS.put(
              ByteBuffer.wrap(code).getLong(),
              line.substring(9).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private Columns() {}

  static void check(RawRow row, Parsed parsed) throws Faulty, Malformed {
    text(row, parsed, Parsed.TENANT, RawRow.TENANT, "tenant");
    whole(row, parsed.whole(Parsed.TENANT_SEQ), RawRow.TENANT_SEQ, "tenant_seq");
    same(row, holds(row, parsed, Parsed.EVENT_ID, RawRow.EVENT_ID), "event_id");
    text(row, parsed, Parsed.KEY_ID, RawRow.KEY_ID, "key_id");
    whole(row, parsed.whole(Parsed.AT), RawRow.AT, "at_us");
    text(row, parsed, Parsed.CODE, RawRow.CODE, "code");
    byte[] event = parsed.length(Parsed.CODE) == 8 ? EVENTS.get(code(parsed)) : null;
    same(row, event != null && row.holds(RawRow.EVENT, event), "event");
    text(row, parsed, Parsed.EFFECT, RawRow.EFFECT, "effect");
    text(row, parsed, Parsed.DECISION_ID, RawRow.DECISION_ID, "decision_id");
    if (parsed.has(Parsed.PERSON)) {
      text(row, parsed, Parsed.PERSON, RawRow.PERSON, "person");
    } else {
      same(row, row.holds(RawRow.PERSON, NOBODY), "person");
    }
    text(row, parsed, Parsed.CLIENT, RawRow.CLIENT, "client");
    text(row, parsed, Parsed.CONNECTOR, RawRow.CONNECTOR, "connector");
    list(row, parsed, Parsed.RESOURCES, RawRow.RESOURCES, "resources");
    list(row, parsed, Parsed.REASONS, RawRow.REASONS, "reasons");
    text(row, parsed, Parsed.AGENT, RawRow.AGENT, "agent");
    int action = parsed.has(Parsed.OPERATION) ? Parsed.OPERATION : Parsed.ACTION;
    text(row, parsed, action, RawRow.ACTION, "action");
    text(row, parsed, Parsed.ACTION_CLASS, RawRow.ACTION_CLASS, "action_class");
    text(row, parsed, Parsed.LANE, RawRow.LANE, "lane");
    labels(row, parsed);
    text(row, parsed, Parsed.PURPOSE, RawRow.PURPOSE, "purpose");
    text(row, parsed, Parsed.CONVERSATION, RawRow.CONVERSATION, "conversation");
    text(row, parsed, Parsed.TOKEN_ID, RawRow.TOKEN_ID, "token_id");
    text(row, parsed, Parsed.REVISION, RawRow.REVISION, "revision");
    if (parsed.has(Parsed.TOOK_US)) {
      whole(row, parsed.whole(Parsed.TOOK_US), RawRow.TOOK_US, "took_us");
    } else {
      same(row, row.isNull(RawRow.TOOK_US), "took_us");
    }
  }

  private static void labels(RawRow row, Parsed parsed) throws Faulty, Malformed {
    byte[] sealed =
        parsed.has(Parsed.LABELS)
            ? LabelList.elements(
                parsed.source(), parsed.start(Parsed.LABELS), parsed.end(Parsed.LABELS))
            : NO_LABELS;
    same(row, !row.isNull(RawRow.LABELS), "labels");
    int from = row.elements(RawRow.LABELS);
    int to = row.start(RawRow.LABELS) + row.length(RawRow.LABELS);
    same(row, java.util.Arrays.equals(row.bytes(), from, to, sealed, 0, sealed.length), "labels");
  }

  private static long code(Parsed parsed) {
    return ByteBuffer.wrap(parsed.source()).getLong(parsed.start(Parsed.CODE));
  }

  private static void whole(RawRow row, long sealed, int column, String name) throws Faulty {
    same(row, row.length(column) == Long.BYTES && row.whole64(column) == sealed, name);
  }

  private static void text(RawRow row, Parsed parsed, int number, int column, String name)
      throws Faulty, Malformed {
    if (!parsed.has(number)) {
      same(row, row.isNull(column), name);
    } else if (!holds(row, parsed, number, column)) {
      byte[] shown = shown(parsed.text(number));
      same(row, row.holds(column, shown), name);
    }
  }

  private static boolean holds(RawRow row, Parsed parsed, int number, int column) {
    return row.holds(column, parsed.source(), parsed.start(number), parsed.end(number));
  }

  /** The elements of a stored array are written as those of a sealed list are. */
  private static void list(RawRow row, Parsed parsed, int number, int column, String name)
      throws Faulty, Malformed {
    int from = row.elements(column);
    int to = row.start(column) + row.length(column);
    byte[] stored = java.util.Arrays.copyOfRange(row.bytes(), from, Math.max(from, to));
    boolean same =
        parsed.has(number) ? parsed.holds(number, stored) : !row.isNull(column) && from == to;
    if (!same) {
      java.io.ByteArrayOutputStream shown = new java.io.ByteArrayOutputStream();
      for (String text : parsed.texts(number)) {
        byte[] bytes = shown(text);
        shown.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
        shown.writeBytes(bytes);
      }
      same(row, !row.isNull(column) && java.util.Arrays.equals(stored, shown.toByteArray()), name);
    }
  }

  private static byte[] shown(String text) {
    return text.replace("\0", REPLACEMENT).getBytes(StandardCharsets.UTF_8);
  }

  private static void same(RawRow row, boolean same, String column) throws Faulty {
    Faulty.unless(same, Fault.COLUMN, row, column);
  }
}
