// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.EngineFault;

/** An evaluation that came to no result. The instance it ran on is in no known state. */
final class EvaluationFault extends RuntimeException {
  private final EngineFault fault;

  EvaluationFault(EngineFault fault, String detail) {
    super(detail, null, false, false);
    this.fault = fault;
  }

  EngineFault fault() {
    return fault;
  }
}
