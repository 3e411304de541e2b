// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a caller asks for, checked for size and shape by the front door and for nothing else.
 *
 * @param arguments JSON values as {@code String}, {@code Long}, {@code BigDecimal}, {@code
 *     Boolean}, {@code List} and {@code Map}; no nulls; types already agree with the operation's
 *     schema
 * @param limits what the caller is content with; obligations may make it less
 */
public record DataRequest(
    ConnectorId connector, Operation operation, Map<String, Object> arguments, Limits limits) {

  public DataRequest {
    arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
  }

  /**
   * @param rows at most this many rows
   * @param bytes at most this many bytes of values
   */
  public record Limits(int rows, long bytes) {
    public Limits {
      if (rows < 1 || bytes < 1) {
        throw new IllegalArgumentException("limits are at least 1");
      }
    }
  }
}
