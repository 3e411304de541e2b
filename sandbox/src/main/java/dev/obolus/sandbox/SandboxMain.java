// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the sandbox in a process of its own, until it is told to end. */
@Command(
    name = "sandbox",
    mixinStandardHelpOptions = true,
    description = "A stand-in Entra and Databricks, for this machine only.")
final class SandboxMain implements Callable<Integer> {
  @Option(names = "--host", defaultValue = "127.0.0.1", description = "where to listen")
  private String host = "127.0.0.1";

  @Option(names = "--port", defaultValue = "8082", description = "http; 0 picks a free one")
  private int port;

  @Option(names = "--https-port", defaultValue = "0", description = "https; 0 picks a free one")
  private int httpsPort;

  @Option(names = "--data", required = true, description = "keeps keys, secrets, certificates")
  private Path data = Path.of("");

  @Option(
      names = "--database-url",
      required = true,
      description = "jdbc:postgresql://host:port/main")
  private String databaseUrl = "";

  @Option(names = "--database-user", defaultValue = "sandbox_owner")
  private String databaseUser = "sandbox_owner";

  @Option(names = "--database-password-file", required = true)
  private Path databasePasswordFile = Path.of("");

  @Option(names = "--allow-non-loopback", description = "listen on other addresses too")
  private boolean allowNonLoopback;

  public static void main(String[] args) {
    int code =
        new CommandLine(new SandboxMain())
            .setExecutionExceptionHandler((e, line, _) -> {
              line.getErr().println("sandbox: " + e.getMessage());
              return 1;
            })
            .execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException, SQLException {
    Sandbox sandbox =
        Sandbox.start(
            new SandboxOptions(
                host,
                port,
                httpsPort,
                allowNonLoopback,
                data,
                databaseUrl,
                databaseUser,
                Files.readString(databasePasswordFile).strip()));
    Files.writeString(data.resolve("https.url"), sandbox.httpsUrl() + "\n");
    System.out.println("sandbox at " + sandbox.url() + " and " + sandbox.httpsUrl());
    return 0;
  }
}
