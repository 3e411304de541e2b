// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a bearer token from the running demo, alone on standard output. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = "A bearer token from the running demo, valid for an hour, alone on stdout.")
final class TokenCommand implements Callable<Integer> {
  @Option(names = "--home", hidden = true, required = true)
  private Path home = Path.of("");

  @Option(names = "--data", description = "the demo's data folder (default: .obolus)")
  private @Nullable Path data;

  @Option(
      names = "--agent",
      defaultValue = "finance-copilot",
      description = "the agent that acts for the user (default: ${DEFAULT-VALUE})")
  private String agent = "";

  @Parameters(index = "0", paramLabel = "WHO", description = "alice, bob, …, or nightly-job")
  private String who = "";

  @Override
  public Integer call() throws IOException, DemoFault {
    RunFile run =
        RunFile.read(Home.of(home, data))
            .orElseThrow(
                () -> new DemoFault("no demo is running here; start one with ./obolus demo"));
    System.out.println(new Issuer(run.sandbox().url()).token(who, agent));
    return 0;
  }
}
