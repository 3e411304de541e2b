// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.SampleInputs;
import dev.obolus.policy.document.UnfitDocument;
import java.util.List;

/** Evaluations nobody waits for, so that a new revision's bytecode is compiled before it serves. */
final class WarmUp {
  private WarmUp() {}

  /**
   * @throws UnloadablePolicy where none comes to a result: the revision would deny everything
   */
  static void run(ActivePolicy policy, int evaluations) throws UnloadablePolicy {
    List<PolicyInput> inputs = SampleInputs.of(policy.policy().facts());
    int failed = 0;
    EngineFault last = EngineFault.UNDEFINED;
    for (int i = 0; i < evaluations; i++) {
      List<PolicyInput> one = List.of(inputs.get(i % inputs.size()));
      try {
        var _ = policy.judge(one, List.of(InputDocument.of(one.getFirst())));
      } catch (UnfitDocument e) {
        failed++;
        last = e.fault();
      }
    }
    if (evaluations > 0 && failed == evaluations) {
      throw new UnloadablePolicy("no evaluation comes to a result: " + last.code());
    }
  }
}
