// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.policy.document.Facts;
import dev.obolus.policy.wasm.PackagedPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.core.env.Environment;

/** Which policy would decide, and whether its facts can be read. */
final class PolicyCheckup implements Checkup {
  private static final String WHAT = "policy";

  private final Environment environment;

  PolicyCheckup(Environment environment) {
    this.environment = environment;
  }

  @Override
  public List<Finding> examine() throws Exception {
    String folder = environment.getProperty("obolus.policy.facts", "");
    if (!folder.isBlank() && !Files.isDirectory(Path.of(folder))) {
      return List.of(
          Finding.fault(
              WHAT,
              "obolus.policy.facts names no folder: " + folder + ".",
              "Without facts, everybody is refused."));
    }
    Facts facts = folder.isBlank() ? Facts.none() : Facts.read(Path.of(folder));
    String revision = PackagedPolicy.with(facts).revision().brief();
    return folder.isBlank()
        ? List.of(
            Finding.warning(
                WHAT,
                "Revision " + revision + " has no facts: it refuses everybody.",
                "Publish a revision with facts."))
        : List.of(Finding.ok(WHAT, "Revision " + revision + "."));
  }
}
