// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times in UTC and numbers in groups, as every page shows them. */
public final class Moments {
  private static final DateTimeFormatter TIME = of("HH:mm:ss.SSS");
  private static final DateTimeFormatter SECOND = of("HH:mm:ss 'UTC'");
  private static final DateTimeFormatter FULL = of("yyyy-MM-dd HH:mm:ss.SSSSSS 'UTC'");
  private static final DateTimeFormatter DAY = of("yyyy-MM-dd");
  private static final long MILLI = 1_000;

  private Moments() {}

  private static DateTimeFormatter of(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  /** Time of day to the millisecond. */
  public static String time(Instant at) {
    return TIME.format(at);
  }

  /** Time of day to the second. */
  public static String second(Instant at) {
    return SECOND.format(at);
  }

  /** Everything that was sealed of it. */
  public static String full(Instant at) {
    return FULL.format(at);
  }

  public static String day(Instant at) {
    return DAY.format(at);
  }

  /** {@code 1,284}. */
  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 0.4 ms}, {@code 12 ms}. */
  public static String took(long micros) {
    return micros < 10 * MILLI
        ? String.format(Locale.ROOT, "%.1f ms", micros / (double) MILLI)
        : grouped(micros / MILLI) + " ms";
  }

  /** {@code 812 B}, {@code 3.1 KB}. */
  public static String size(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f KB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
