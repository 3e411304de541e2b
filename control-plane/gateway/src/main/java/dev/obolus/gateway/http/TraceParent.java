// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the trace id of a {@code traceparent} header (W3C Trace Context, §3.2). {@code tracestate}
 * and {@code baggage} are read by nobody here and go nowhere.
 */
final class TraceParent {
  private static final Pattern SHAPE =
      Pattern.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.{0,256})?");
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_PARENT = "0".repeat(16);

  private TraceParent() {}

  static Optional<String> traceId(@org.jspecify.annotations.Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    Matcher shape = SHAPE.matcher(header);
    boolean real =
        shape.matches() && !shape.group(1).equals(NO_TRACE) && !shape.group(2).equals(NO_PARENT);
    return real ? Optional.of(shape.group(1)) : Optional.empty();
  }
}
