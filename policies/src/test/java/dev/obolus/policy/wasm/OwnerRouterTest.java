// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.policy.Decision;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.PolicyCompiler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a team writes reaches only what it owns, in the module that serves. */
class OwnerRouterTest {
  @TempDir Path folder;

  @Test
  void anUnconditionalAllowOfSalesReachesOnlySales() throws Exception {
    try (WasmPolicyEvaluator evaluator =
        withRule("allow contains \"x\" if true", Vectors.facts())) {
      assertThat(decide(evaluator, "alice_asks_for_salaries")).isInstanceOf(Decision.Deny.class);
      assertThat(decide(evaluator, "join_has_two_owners")).isInstanceOf(Decision.Deny.class);
      assertThat(decide(evaluator, "alice_reads_orders")).isInstanceOf(Decision.Permit.class);
    }
  }

  @Test
  void evenIfTheTeamGrantsEverythingToo() throws Exception {
    try (WasmPolicyEvaluator evaluator =
        withRule(
            "allow contains \"x\" if true\n\ngrants contains \"main.hr.salaries\" if true",
            Vectors.facts())) {
      assertThat(decide(evaluator, "alice_asks_for_salaries")).isInstanceOf(Decision.Deny.class);
    }
  }

  private WasmPolicyEvaluator withRule(String rule, Facts facts) throws Exception {
    for (String root : List.of("gateway", "org", "team")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".rego")).toList()) {
          Path target = folder.resolve(file);
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
    Files.writeString(
        folder.resolve("team/sales/sales.rego"), "\n" + rule + "\n", StandardOpenOption.APPEND);
    Compiled compiled = (Compiled) new PolicyCompiler(Modules.opa()).build(folder);
    WasmPolicyEvaluator evaluator =
        new WasmPolicyEvaluator(
            new WasmPolicyEvaluator.Settings(1, Duration.ofSeconds(20), 10, 1024));
    var _ = evaluator.activate(new CompiledPolicy(compiled.wasm(), facts, compiled.catalogue()));
    return evaluator;
  }

  private static Decision decide(WasmPolicyEvaluator evaluator, String name) {
    return evaluator.decide(List.of(Vectors.input(Vectors.named(name).input()))).decision();
  }
}
