// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.EngineFault;

/** A document that cannot be evaluated or acted on. The detail is for a log, never for a caller. */
public final class UnfitDocument extends Exception {
  private final EngineFault fault;

  public UnfitDocument(EngineFault fault, String detail) {
    super(detail, null, false, false);
    this.fault = fault;
  }

  public EngineFault fault() {
    return fault;
  }
}
