// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time as it is typed: a day lasts until the next one, a minute until the next one.
 *
 * @param begin its first microsecond
 * @param end the first one after it
 */
record Moment(Instant begin, Instant end) {
  private static final Pattern RELATIVE = Pattern.compile("now(?:-([0-9]{1,5})([smhdw]))?");
  private static final Pattern ABSOLUTE =
      Pattern.compile(
          "([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2})(:[0-9]{2}(\\.[0-9]{1,6})?)?Z?)?");

  static Optional<Moment> read(String typed, Instant now) {
    Matcher relative = RELATIVE.matcher(typed);
    if (relative.matches()) {
      Instant at = now.truncatedTo(ChronoUnit.MICROS).minus(before(relative));
      return Optional.of(new Moment(at, at));
    }
    Matcher absolute = ABSOLUTE.matcher(typed);
    try {
      return absolute.matches() ? Optional.of(absolute(absolute)) : Optional.empty();
    } catch (DateTimeException noSuchTime) {
      return Optional.empty();
    }
  }

  private static Duration before(Matcher relative) {
    if (relative.group(1) == null) {
      return Duration.ZERO;
    }
    long count = Long.parseLong(relative.group(1));
    return switch (relative.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      case "d" -> Duration.ofDays(count);
      default -> Duration.ofDays(count * 7);
    };
  }

  private static Moment absolute(Matcher parts) {
    if (parts.group(2) == null) {
      Instant begin = LocalDate.parse(parts.group(1)).atStartOfDay().toInstant(ZoneOffset.UTC);
      return new Moment(begin, begin.plus(1, ChronoUnit.DAYS));
    }
    String seconds = parts.group(3) == null ? "" : parts.group(3);
    Instant begin =
        LocalDateTime.parse(parts.group(1) + "T" + parts.group(2) + seconds)
            .toInstant(ZoneOffset.UTC);
    return new Moment(begin, begin.plus(unit(seconds)));
  }

  private static Duration unit(String seconds) {
    if (seconds.isEmpty()) {
      return Duration.ofMinutes(1);
    }
    return seconds.contains(".") ? Duration.of(1, ChronoUnit.MICROS) : Duration.ofSeconds(1);
  }
}
