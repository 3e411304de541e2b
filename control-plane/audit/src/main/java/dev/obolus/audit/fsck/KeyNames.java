// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * The names of all keys in the table, by their first 8 bytes: 8 bytes of memory each, so a hundred
 * megabytes for twelve million. Names are random or hashes; whoever picks one that begins like
 * another could as well store a key under that name, which proves nothing of its values either.
 */
final class KeyNames {
  private static final int FETCH = 10_000;

  private long[] names = new long[1_024];
  private int count;

  static KeyNames read(Connection connection) throws SQLException {
    KeyNames read = new KeyNames();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(FETCH);
      try (ResultSet rows = statement.executeQuery("SELECT name FROM obolus.audit_value_key")) {
        while (rows.next()) {
          read.add(beginning(rows.getBytes(1)));
        }
      }
    }
    read.names = Arrays.copyOf(read.names, read.count);
    Arrays.sort(read.names);
    return read;
  }

  private void add(long name) {
    if (count == names.length) {
      names = Arrays.copyOf(names, count + count / 2);
    }
    names[count++] = name;
  }

  boolean contains(Bytes name) {
    return Arrays.binarySearch(names, beginning(name.toArray())) >= 0;
  }

  private static long beginning(byte[] name) {
    return name.length < Long.BYTES ? 0 : ByteBuffer.wrap(name).getLong();
  }
}
