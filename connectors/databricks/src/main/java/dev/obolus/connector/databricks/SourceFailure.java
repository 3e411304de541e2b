// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;

/** Ends a chain of calls; the connector turns it into a value. */
final class SourceFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient ConnectorFailure failure;

  SourceFailure(ConnectorFailure failure) {
    super(failure.getClass().getSimpleName(), null, false, false);
    this.failure = failure;
  }

  ConnectorFailure failure() {
    return failure;
  }
}
