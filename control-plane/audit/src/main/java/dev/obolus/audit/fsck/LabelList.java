// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The labels of field 29, each once, as the elements of a stored array stand: length, then bytes.
 * Strict: {@code [{"name":…,"labels":[…],"columns":[{"name":…,"labels":[…]}]}]}.
 */
final class LabelList {
  private static final byte[] NAME = ascii("{\"name\":");
  private static final byte[] LABELS = ascii(",\"labels\":[");
  private static final byte[] COLUMNS = ascii(",\"columns\":[");
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private final byte[] json;
  private final int end;
  private final List<byte[]> labels = new ArrayList<>(4);
  private int at;

  private LabelList(byte[] json, int from, int to) {
    this.json = json;
    this.at = from;
    this.end = to;
  }

  static byte[] elements(byte[] json, int from, int to) throws Malformed {
    LabelList list = new LabelList(json, from, to);
    list.resources();
    return list.written();
  }

  private void resources() throws Malformed {
    expect('[');
    for (int i = 0; !skip(']'); i++) {
      separator(i);
      labelled();
      expect(COLUMNS);
      for (int j = 0; !skip(']'); j++) {
        separator(j);
        labelled();
        expect('}');
      }
      expect('}');
    }
    require(at == end);
  }

  private void labelled() throws Malformed {
    expect(NAME);
    byte[] _ = text();
    expect(LABELS);
    for (int i = 0; !skip(']'); i++) {
      separator(i);
      byte[] label = text();
      if (!isKnown(label)) {
        labels.add(label);
      }
    }
  }

  private boolean isKnown(byte[] label) {
    for (byte[] known : labels) {
      if (Arrays.equals(known, label)) {
        return true;
      }
    }
    return false;
  }

  private byte[] text() throws Malformed {
    expect('"');
    int begin = at;
    while (at < end && json[at] != '"' && json[at] != '\\') {
      at++;
    }
    if (at < end && json[at] == '"') {
      return Arrays.copyOfRange(json, begin, at++);
    }
    return escaped(begin);
  }

  private byte[] escaped(int begin) throws Malformed {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(json, begin, at - begin);
    while (!skip('"')) {
      require(at < end);
      byte next = json[at++];
      if (next != '\\') {
        text.write(next);
      } else if (skip('u')) {
        require(at + 4 <= end && json[at] == '0' && json[at + 1] == '0');
        text.write(16 * digit(json[at + 2]) + digit(json[at + 3]));
        at += 4;
      } else {
        require(at < end && (json[at] == '"' || json[at] == '\\'));
        text.write(json[at++]);
      }
    }
    return text.toByteArray();
  }

  private static int digit(byte hex) throws Malformed {
    int digit = Character.digit(hex, 16);
    require(digit >= 0);
    return digit;
  }

  private byte[] written() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    for (byte[] label : labels) {
      byte[] shown = shown(label);
      written.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(shown.length).array());
      written.writeBytes(shown);
    }
    return written.toByteArray();
  }

  /** As PostgreSQL's text can hold it. */
  private static byte[] shown(byte[] label) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream(label.length);
    for (byte one : label) {
      if (one == 0) {
        shown.writeBytes(REPLACEMENT);
      } else {
        shown.write(one);
      }
    }
    return shown.toByteArray();
  }

  private void separator(int before) throws Malformed {
    if (before > 0) {
      expect(',');
    }
  }

  private boolean skip(char wanted) {
    if (at < end && json[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char wanted) throws Malformed {
    require(skip(wanted));
  }

  private void expect(byte[] wanted) throws Malformed {
    require(
        end - at >= wanted.length
            && Arrays.equals(json, at, at + wanted.length, wanted, 0, wanted.length));
    at += wanted.length;
  }

  private static void require(boolean fits) throws Malformed {
    if (!fits) {
      throw new Malformed("the labels of field 29");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
