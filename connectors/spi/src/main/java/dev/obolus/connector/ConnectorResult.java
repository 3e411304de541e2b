// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of a call. */
public sealed interface ConnectorResult {

  /** How the source fared, for the record: never shown to a caller under a row filter. */
  Usage usage();

  /**
   * Rows, gathered and bounded.
   *
   * @param rows values as {@code String}, {@code Long}, {@code BigDecimal}, {@code Boolean} or
   *     null, in column order
   * @param truncated there was more than the limits allow
   */
  record Rows(
      List<Column> columns, List<List<@Nullable Object>> rows, boolean truncated, Usage usage)
      implements ConnectorResult {}

  /** The source, or the way to it, said no. */
  record Failed(ConnectorFailure failure, Usage usage) implements ConnectorResult {}

  /** The source revealed that it would touch more: decide again before anything else. */
  record Replan(AccessPlan plan, Usage usage) implements ConnectorResult {}

  /**
   * @param type the source's own name of the type, upper-case
   */
  record Column(String name, String type) {}

  /**
   * @param rows that were answered
   * @param bytes of the values in them
   */
  record Usage(long rows, long bytes) {
    public static final Usage NONE = new Usage(0, 0);
  }
}
