// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;
import java.util.regex.Pattern;

/** A statement's id at the source; safe as a path segment. */
record StatementId(String value) {
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  StatementId {
    if (!SHAPE.matcher(value).matches()) {
      throw new SourceFailure(new ConnectorFailure.Malformed("statement_id"));
    }
  }
}
