// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.Plain;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.Compilation.Rejected;
import dev.obolus.policy.opa.Finding;
import dev.obolus.policy.opa.OpaProgram;
import dev.obolus.policy.opa.PolicyCompiler;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What an author does to policies, by the real {@code opa} and as the build does it. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Check, test or compile policies with opa.")
final class PolicyCommand {
  @Option(
      names = "--opa",
      scope = ScopeType.INHERIT,
      description = "the opa program (default: OBOLUS_OPA, .tools/opa, or on PATH)")
  private @Nullable Path opa;

  @Option(
      names = "--policies",
      defaultValue = "policies",
      scope = ScopeType.INHERIT,
      description = "the folder of policies (default: ${DEFAULT-VALUE})")
  private Path policies = Path.of("policies");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Parse and type-check, strictly; keep each team to its own; formatting.")
  int check() throws Unavailable {
    return tell(
        "check",
        compiler -> {
          List<Finding> findings = new ArrayList<>(compiler.check(policies));
          findings.addAll(compiler.format(policies));
          return findings;
        });
  }

  @Command(name = "test", mixinStandardHelpOptions = true, description = "Run the policies' tests.")
  int test() throws Unavailable {
    return tell("test", compiler -> compiler.test(policies));
  }

  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = "Check, test and compile to WebAssembly, as the gateway runs it.")
  int build(
      @Option(
              names = "--output",
              defaultValue = "policy.wasm",
              description = "where to (default: ${DEFAULT-VALUE})")
          Path output)
      throws Unavailable {
    return tell(
        "build",
        compiler ->
            switch (compiler.compile(policies)) {
              case Compiled compiled -> {
                Files.write(output, compiled.wasm());
                yield List.of();
              }
              case Rejected rejected -> rejected.findings();
            });
  }

  /** One step of the compiler. */
  private interface Step {
    List<Finding> findings(PolicyCompiler compiler) throws IOException;
  }

  private int tell(String name, Step step) throws Unavailable {
    PrintWriter out = spec.commandLine().getOut();
    try {
      List<Finding> findings = step.findings(new PolicyCompiler(program()));
      findings.forEach(finding -> out.println(Plain.lines(policies + "/" + finding)));
      out.println(
          name
              + (findings.isEmpty()
                  ? ": passed"
                  : ": " + findings.size() + (findings.size() == 1 ? " finding" : " findings")));
      return findings.isEmpty() ? ObolusCli.DONE : ObolusCli.BROKEN;
    } catch (IOException e) {
      throw Unavailable.because("opa cannot be run", e);
    }
  }

  private OpaProgram program() throws Unavailable {
    if (!Files.isDirectory(policies)) {
      throw new Unavailable("no folder of policies: " + policies);
    }
    if (opa != null) {
      return OpaProgram.at(opa);
    }
    return OpaProgram.find(System.getenv(), Path.of(""))
        .orElseThrow(() -> new Unavailable("no opa of 1.22.0 or newer; ./obolus tools fetches it"));
  }
}
