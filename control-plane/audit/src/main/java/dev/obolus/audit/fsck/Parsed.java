// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Canonical bytes taken apart, written from {@code docs/audit-format.md} alone. Strict: the fields
 * of the list, each of its kind, in ascending order, nothing left over.
 */
final class Parsed {
  static final int ORIGIN = 1;
  static final int CHAIN = 2;
  static final int SEQ = 3;
  static final int TENANT = 4;
  static final int TENANT_SEQ = 5;
  static final int EVENT_ID = 6;
  static final int KEY_ID = 7;
  static final int AT = 8;
  static final int CODE = 9;
  static final int DECISION_ID = 16;
  static final int PERSON = 17;
  static final int PERSON_VALUE = 18;
  static final int CLIENT = 19;
  static final int AGENT = 20;
  static final int LANE = 23;
  static final int CONNECTOR = 25;
  static final int OPERATION = 26;
  static final int ACTION_CLASS = 27;
  static final int RESOURCES = 28;
  static final int LABELS = 29;
  static final int PURPOSE = 30;
  static final int CONVERSATION = 31;
  static final int TOKEN_ID = 33;
  static final int EFFECT = 35;
  static final int REASONS = 36;
  static final int REVISION = 39;
  static final int TOOK_US = 41;
  static final int STATEMENT = 42;
  static final int OBLIGATIONS = 43;
  static final int INPUTS = 44;
  static final int PERMIT_CHAIN = 48;
  static final int PERMIT_SEQ = 49;
  static final int ACTION = 73;
  static final int ABOUT = 74;
  static final int RESULT = 75;
  static final int EARLIER_HEADS = 81;
  static final int KEY_COMMITMENT = 82;
  static final int ERASED_KEYS = 85;
  static final int PROPOSAL = 86;
  static final int VALUE_KEYS = 88;
  static final int VALUE_DIGESTS = 89;
  static final int PREDECESSOR = 96;
  static final int PREDECESSOR_MAC = 97;
  static final int REVOKED_KEYS = 98;
  static final int PRUNED_EPOCH = 104;
  static final int PRUNED_TENANTS = 105;
  static final int PRUNED_CHAINS = 106;
  static final int PRUNED_TREE = 107;
  static final int RETENTION = 108;
  static final int APPROVERS = 109;
  static final int EXPORT = 110;
  static final int EXPORT_SHA256 = 111;

  /** Per number its kind: T text, W whole, B bytes, L list of texts, J JSON, C commitment. */
  private static final char[] KINDS = new char[112];

  static {
    String table =
        "1T2B3W4T5W6B7T8W9T16T17T18C19T20T21T22L23T24T25T26T27T28L29J30T31T32T33T34T35T36L37J38L"
            + "39T40T41W42C43C44C48B49W50W51W52T53L54W55L56T57W58T64W65W66J72L73T74T75T76T77T"
            + "80J81L82B83T84T85B86T88B89B96T97B98L104W105L106L107T108T109L110T111B";
    int number = 0;
    for (int i = 0; i < table.length(); i++) {
      char c = table.charAt(i);
      if (Character.isDigit(c)) {
        number = number * 10 + (c - '0');
      } else {
        KINDS[number] = c;
        number = 0;
      }
    }
  }

  private static final String KIND_CODES = "\0TWBLJC";
  private static final int HEADER_FIELDS = 9;

  /** The high bit of each of eight bytes: set where a byte is no ASCII character. */
  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

  private byte[] bytes = new byte[0];
  private ByteBuffer in = ByteBuffer.wrap(bytes);
  private final int[] start = new int[KINDS.length];
  private final int[] length = new int[KINDS.length];

  /** Fails with {@link Malformed} on anything that is not exactly of the format. */
  static Parsed of(byte[] canonical) throws Malformed {
    Parsed parsed = new Parsed();
    parsed.read(canonical, 0, canonical.length);
    return parsed;
  }

  /** Takes apart what stands there, in place of what was taken apart before. */
  void read(byte[] content, int from, int size) throws Malformed {
    bytes = content;
    in = ByteBuffer.wrap(content);
    Arrays.fill(start, -1);
    int end = from + size;
    require(
        size >= 4 && bytes[from] == 'O' && bytes[from + 1] == 'B' && bytes[from + 2] == 'O',
        "its beginning");
    require(bytes[from + 3] == 1, "an unknown version");
    scan(from + 4, end);
  }

  private void scan(int begin, int end) throws Malformed {
    int at = begin;
    int last = 0;
    int fields = 0;
    while (at < end) {
      require(at + 7 <= end, "it ends early");
      int number = in.getShort(at) & 0xFFFF;
      int size = in.getInt(at + 3);
      if (number <= last || number >= KINDS.length || KINDS[number] == 0) {
        throw new Malformed("field " + number);
      }
      int code = bytes[at + 2];
      if (code <= 0 || code >= KIND_CODES.length() || KIND_CODES.charAt(code) != KINDS[number]) {
        throw new Malformed("the kind of field " + number);
      }
      if (size < 0 || size > end - at - 7) {
        throw new Malformed("the length of field " + number);
      }
      start[number] = at + 7;
      length[number] = size;
      check(number);
      last = number;
      fields++;
      require(fields > HEADER_FIELDS || number == fields, "its header");
      at += 7 + size;
    }
    require(fields >= HEADER_FIELDS, "its header");
  }

  private void check(int number) throws Malformed {
    switch (KINDS[number]) {
      case 'W' -> require(length[number] == 8, "a number of another length");
      case 'C' -> require(length[number] == 32, "a commitment of another length");
      case 'T', 'J' -> checkUtf8(start[number], length[number]);
      case 'L' -> checkList(number);
      default -> {}
    }
  }

  private void checkList(int number) throws Malformed {
    int at = start[number];
    int end = at + length[number];
    while (at < end) {
      require(at + 4 <= end, "a list that ends early");
      int size = in.getInt(at);
      require(size >= 0 && size <= end - at - 4, "a list that ends early");
      checkUtf8(at + 4, size);
      at += 4 + size;
    }
  }

  private void checkUtf8(int from, int size) throws Malformed {
    if (!isAscii(from, from + size)) {
      String _ = utf8(from, size);
    }
  }

  private boolean isAscii(int from, int to) {
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      if ((in.getLong(at) & NOT_ASCII) != 0) {
        return false;
      }
    }
    for (; at < to; at++) {
      if (bytes[at] < 0) {
        return false;
      }
    }
    return true;
  }

  byte[] source() {
    return bytes;
  }

  int start(int number) {
    return start[number];
  }

  int length(int number) {
    return has(number) ? length[number] : -1;
  }

  int end(int number) {
    return start[number] + length[number];
  }

  /** Whether a field holds these bytes. */
  boolean holds(int number, byte[] other) {
    return has(number) && Arrays.equals(bytes, start[number], end(number), other, 0, other.length);
  }

  boolean has(int number) {
    return start[number] >= 0;
  }

  long whole(int number) throws Malformed {
    if (!has(number)) {
      throw new Malformed("no field " + number);
    }
    return in.getLong(start[number]);
  }

  byte[] bytes(int number) throws Malformed {
    if (!has(number)) {
      throw new Malformed("no field " + number);
    }
    return Arrays.copyOfRange(bytes, start[number], start[number] + length[number]);
  }

  String text(int number) throws Malformed {
    if (!has(number)) {
      throw new Malformed("no field " + number);
    }
    return utf8(start[number], length[number]);
  }

  Optional<String> find(int number) throws Malformed {
    return has(number) ? Optional.of(text(number)) : Optional.empty();
  }

  List<String> texts(int number) throws Malformed {
    List<String> texts = new ArrayList<>();
    if (!has(number)) {
      return texts;
    }
    int at = start[number];
    int end = at + length[number];
    while (at < end) {
      int size = in.getInt(at);
      texts.add(utf8(at + 4, size));
      at += 4 + size;
    }
    return texts;
  }

  private String utf8(int from, int size) throws Malformed {
    boolean ascii = true;
    for (int i = from; i < from + size && ascii; i++) {
      ascii = bytes[i] >= 0;
    }
    if (ascii) {
      return new String(bytes, from, size, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, size))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("text that is not UTF-8");
    }
  }

  private static void require(boolean fits, String what) throws Malformed {
    if (!fits) {
      throw new Malformed(what);
    }
  }

  /** Not of the format. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super(what, null, false, false);
    }
  }
}
