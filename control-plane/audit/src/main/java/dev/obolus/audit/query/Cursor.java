// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/**
 * A place in the one order of all records: by time, then chain, then sequence. A page begins beside
 * it and never shifts because records arrived.
 *
 * @param at to the microsecond
 */
public record Cursor(Instant at, ChainId chain, long seq) implements Comparable<Cursor> {
  private static final ChainId FIRST = all((byte) 0);
  private static final ChainId LAST = all((byte) 0xFF);
  private static final Comparator<Cursor> ORDER =
      Comparator.comparing(Cursor::at)
          .thenComparing(cursor -> cursor.chain().toString())
          .thenComparingLong(Cursor::seq);

  public static Cursor of(AuditRecord record) {
    return new Cursor(record.at(), record.chain(), record.seq());
  }

  /** Before everything that was sealed in this microsecond. */
  public static Cursor before(Instant at) {
    return new Cursor(at, FIRST, 0);
  }

  /** After everything that was sealed in this microsecond. */
  public static Cursor after(Instant at) {
    return new Cursor(at, LAST, Long.MAX_VALUE);
  }

  private static ChainId all(byte value) {
    byte[] bytes = new byte[16];
    Arrays.fill(bytes, value);
    return new ChainId(Bytes.of(bytes));
  }

  /** Microseconds since 1970. */
  public long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  /** Reads what {@link #toString} wrote. */
  public static Optional<Cursor> parse(String text) {
    if (!text.matches("[0-9]{1,17}-[0-9a-f]{32}-[0-9]{1,19}")) {
      return Optional.empty();
    }
    String[] parts = text.split("-", -1);
    try {
      return Optional.of(
          new Cursor(
              Instant.EPOCH.plus(Long.parseLong(parts[0]), ChronoUnit.MICROS),
              ChainId.parse(parts[1]),
              Long.parseLong(parts[2])));
    } catch (NumberFormatException tooLarge) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(Cursor other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return micros() + "-" + chain + "-" + seq;
  }
}
