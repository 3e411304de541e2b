// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Reads canonical bytes for showing. It checks shape only; verification is {@code fsck}'s. */
public final class CanonicalReader {
  private CanonicalReader() {}

  /** The fields by name, in their order; fails on bytes that are not of this format. */
  public static SequencedMap<String, Field> read(byte[] canonical) {
    ByteBuffer in = ByteBuffer.wrap(canonical);
    try {
      if (!Arrays.equals(take(in, Chain.MAGIC.length), Chain.MAGIC)) {
        throw new IllegalArgumentException("not canonical bytes of version 1");
      }
      SequencedMap<String, Field> fields = new LinkedHashMap<>();
      while (in.hasRemaining()) {
        Tag tag = Tag.require(in.getShort() & 0xFFFF);
        if (in.get() != tag.kind().code()) {
          throw new IllegalArgumentException(tag + " is of another kind");
        }
        fields.put(tag.label(), field(tag, take(in, in.getInt())));
      }
      return fields;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("canonical bytes end early", e);
    }
  }

  /**
   * The same, to be shown and never to be believed: bytes that are not of this format, which
   * somebody must have changed, have one field that says so. So one such record hides no other.
   */
  public static SequencedMap<String, Field> shown(byte[] canonical) {
    try {
      return read(canonical);
    } catch (IllegalArgumentException e) {
      SequencedMap<String, Field> fields = new LinkedHashMap<>();
      fields.put(
          AuditRecord.UNREADABLE, new Field.Text("these bytes were changed: " + e.getMessage()));
      return fields;
    }
  }

  private static Field field(Tag tag, byte[] bytes) {
    return switch (tag.kind()) {
      case TEXT -> new Field.Text(new String(bytes, StandardCharsets.UTF_8));
      case JSON -> new Field.Json(new String(bytes, StandardCharsets.UTF_8));
      case WHOLE -> new Field.Whole(ByteBuffer.wrap(bytes).getLong());
      case BYTES -> new Field.Text(HexFormat.of().formatHex(bytes));
      case COMMITTED -> new Field.Committed(Bytes.of(bytes));
      case TEXTS -> new Field.Texts(texts(ByteBuffer.wrap(bytes)));
    };
  }

  private static List<String> texts(ByteBuffer in) {
    List<String> texts = new ArrayList<>();
    while (in.hasRemaining()) {
      texts.add(new String(take(in, in.getInt()), StandardCharsets.UTF_8));
    }
    return List.copyOf(texts);
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
