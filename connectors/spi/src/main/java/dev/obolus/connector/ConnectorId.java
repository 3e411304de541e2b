// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.regex.Pattern;

/** A connector's configured id, such as {@code databricks-sales}: lower-case, digits, hyphens. */
public record ConnectorId(String value) {
  private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  public ConnectorId {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException("a connector id is 1 to 63 of a-z, 0-9 and -");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
