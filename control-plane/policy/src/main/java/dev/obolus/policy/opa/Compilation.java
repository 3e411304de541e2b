// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import dev.obolus.policy.document.Catalogue;
import java.util.List;

/** What became of a folder of Rego. */
public sealed interface Compilation {

  /**
   * @param wasm the module; nobody changes it
   * @param warnings what a reviewer would mind
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Compiled(byte[] wasm, Catalogue catalogue, List<Finding> warnings) implements Compilation {
    public Compiled {
      warnings = List.copyOf(warnings);
    }
  }

  /** It stays as it was; there is at least one finding. */
  record Rejected(List<Finding> findings) implements Compilation {
    public Rejected {
      findings = List.copyOf(findings);
    }
  }
}
