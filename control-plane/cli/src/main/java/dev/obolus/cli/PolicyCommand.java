// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What an author does to policies, by the real {@code opa}. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Check, test or compile policies with opa.")
final class PolicyCommand {
  @Option(
      names = "--opa",
      defaultValue = "${env:OBOLUS_OPA:-opa}",
      scope = ScopeType.INHERIT,
      description = "the opa program (or OBOLUS_OPA, or on PATH)")
  private String opa = "opa";

  @Option(
      names = "--policies",
      defaultValue = "policies",
      scope = ScopeType.INHERIT,
      description = "the folder of policies (default: ${DEFAULT-VALUE})")
  private Path policies = Path.of("policies");

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Parse and type-check, strictly.")
  int check() throws Unavailable, InterruptedException {
    return opa("check", "--strict", folder());
  }

  @Command(name = "test", mixinStandardHelpOptions = true, description = "Run the policies' tests.")
  int test() throws Unavailable, InterruptedException {
    return opa("test", folder());
  }

  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = "Compile to WebAssembly, as the gateway runs it.")
  int build(
      @Option(names = "--output", defaultValue = "bundle.tar.gz", description = "where to")
          Path output)
      throws Unavailable, InterruptedException {
    return opa(
        "build",
        "--target=wasm",
        "--entrypoint=gateway/decision",
        "--entrypoint=gateway/visible",
        "--output=" + output,
        folder());
  }

  private String folder() throws Unavailable {
    if (!Files.isDirectory(policies)) {
      throw new Unavailable("no folder of policies: " + policies);
    }
    return policies.toString();
  }

  private int opa(String... arguments) throws Unavailable, InterruptedException {
    List<String> command = new ArrayList<>(List.of(opa));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0
          ? ObolusCli.DONE
          : ObolusCli.BROKEN;
    } catch (IOException e) {
      throw new Unavailable("opa does not start: " + opa + " (./obolus tools fetches it)", e);
    }
  }
}
