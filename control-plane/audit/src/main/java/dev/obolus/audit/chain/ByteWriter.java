// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Grows as it is written to; big-endian. Text that is not Unicode is refused, never replaced. */
final class ByteWriter {
  private byte[] content;
  private int length;

  ByteWriter(int size) {
    content = new byte[size];
  }

  void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, content, length, bytes.length);
    length += bytes.length;
  }

  void put8(int value) {
    room(1);
    content[length++] = (byte) value;
  }

  void put16(int value) {
    put8(value >>> 8);
    put8(value);
  }

  void put32(int value) {
    put16(value >>> 16);
    put16(value);
  }

  void put64(long value) {
    put32((int) (value >>> 32));
    put32((int) value);
  }

  void field(Tag tag, String text) {
    expect(tag, tag.kind() == Tag.Kind.TEXT || tag.kind() == Tag.Kind.JSON);
    sized(tag, utf8(text));
  }

  void field(Tag tag, long whole) {
    expect(tag, tag.kind() == Tag.Kind.WHOLE);
    head(tag, Long.BYTES);
    put64(whole);
  }

  void field(Tag tag, byte[] bytes) {
    expect(tag, tag.kind() == Tag.Kind.BYTES || tag.kind() == Tag.Kind.COMMITTED);
    sized(tag, bytes);
  }

  void field(Tag tag, List<String> texts) {
    expect(tag, tag.kind() == Tag.Kind.TEXTS);
    ByteWriter list = new ByteWriter(64);
    for (String text : texts) {
      byte[] bytes = utf8(text);
      list.put32(bytes.length);
      list.put(bytes);
    }
    sized(tag, list.toArray());
  }

  int length() {
    return length;
  }

  byte[] toArray() {
    return Arrays.copyOf(content, length);
  }

  /** UTF-8, refusing a lone surrogate: {@code getBytes} would put a question mark in its place. */
  static byte[] utf8(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!new String(bytes, StandardCharsets.UTF_8).equals(text)) {
      throw new IllegalArgumentException("text with half a character (a lone surrogate)");
    }
    return bytes;
  }

  private void sized(Tag tag, byte[] bytes) {
    head(tag, bytes.length);
    put(bytes);
  }

  private void head(Tag tag, int size) {
    put16(tag.number());
    put8(tag.kind().code());
    put32(size);
  }

  private static void expect(Tag tag, boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException(tag + " is " + tag.kind());
    }
  }

  private void room(int more) {
    if (length + more > content.length) {
      content = Arrays.copyOf(content, Math.max(content.length * 2, length + more));
    }
  }
}
