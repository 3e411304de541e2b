// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow as they are written to; big-endian, each value after its length. */
final class RowBytes {
  private byte[] content;
  private int length;

  RowBytes(int size) {
    content = new byte[size];
  }

  void put16(int value) {
    room(2);
    content[length++] = (byte) (value >>> 8);
    content[length++] = (byte) value;
  }

  void put32(int value) {
    put16(value >>> 16);
    put16(value);
  }

  void put64(long value) {
    put32((int) (value >>> 32));
    put32((int) value);
  }

  void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, content, length, bytes.length);
    length += bytes.length;
  }

  void sized(byte[] bytes) {
    put32(bytes.length);
    put(bytes);
  }

  void sized(Bytes bytes) {
    put32(bytes.length());
    room(bytes.length());
    bytes.copyTo(content, length);
    length += bytes.length();
  }

  /**
   * PostgreSQL's text holds no NUL: search columns show a replacement, the sealed bytes the truth.
   */
  void sized(String text) {
    sized(text.replace('\0', '\uFFFD').getBytes(StandardCharsets.UTF_8));
  }

  int length() {
    return length;
  }

  /** Writes a number where room was left for it. */
  void set32(int at, int value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      content[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }

  /** What was written, not copied. */
  ByteBuffer view() {
    return ByteBuffer.wrap(content, 0, length);
  }

  private void room(int more) {
    if (length + more > content.length) {
      content = Arrays.copyOf(content, Math.max(content.length * 2, length + more));
    }
  }
}
