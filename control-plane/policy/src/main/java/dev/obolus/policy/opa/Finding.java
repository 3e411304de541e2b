// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

/**
 * What is wrong, and where. Row and column are 0 where not known.
 *
 * @param kind which step found it, such as {@code check} or {@code test}
 */
public record Finding(String kind, String file, int row, int column, String message) {
  @Override
  public String toString() {
    return file + (row > 0 ? ":" + row : "") + ": " + message + " (" + kind + ")";
  }
}
