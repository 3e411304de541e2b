// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import org.jspecify.annotations.Nullable;

/** Goes on after a fault, and fails with the first at the end. Not for several threads. */
final class Faults {
  private @Nullable Exception first;

  /** Something that may fail. */
  interface Step {
    void take() throws Exception;
  }

  void tell(Step step) throws InterruptedException {
    try {
      step.take();
    } catch (InterruptedException stopped) {
      throw stopped;
    } catch (Exception fault) {
      if (first == null) {
        first = fault;
      }
    }
  }

  void rethrow() throws Exception {
    if (first != null) {
      throw first;
    }
  }
}
