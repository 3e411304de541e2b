// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The gateway's doctor, on the running demo's settings. */
@Command(name = "doctor", description = "examine the running demo's configuration")
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--home", required = true, hidden = true)
  private Path home = Path.of("");

  @Option(names = "--data", description = "the demo's data folder (default: .obolus)")
  private @Nullable Path data;

  @Option(names = "--json", description = "as one JSON document")
  private boolean json;

  @Option(
      names = "--user",
      defaultValue = "alice",
      description = "whose token is tried (default: ${DEFAULT-VALUE})")
  private String user = "";

  @Override
  public Integer call() throws IOException, DemoFault, InterruptedException {
    Home place = Home.of(home, data);
    RunFile run =
        RunFile.read(place)
            .orElseThrow(() ->
                new DemoFault(
                    "no demo is running here; start one with ./obolus demo, or give your gateway's settings (--spring.config.additional-location=…)"));
    Path token =
        Files.createTempFile(
            "obolus-",
            ".token",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(token, new Issuer(run.sandbox().url()).token(user, "finance-copilot"));
      return new ProcessBuilder(command(place, run, token)).inheritIO().start().waitFor();
    } finally {
      Files.delete(token);
    }
  }

  private List<String> command(Home place, RunFile run, Path token) throws IOException, DemoFault {
    var addresses =
        new Addresses(
            port(run.gateway().url()), port(run.console().url()), port(run.sandbox().url()));
    List<String> command =
        new Commands(
                place,
                Programs.in(place.checkout()),
                addresses,
                port(run.database().url()),
                port(run.source().url()))
            .gateway();
    command.add(command.indexOf("-jar") + 2, "doctor");
    command.add("--user-token-file=" + token);
    if (json) {
      command.add("--json");
    }
    return command;
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }
}
