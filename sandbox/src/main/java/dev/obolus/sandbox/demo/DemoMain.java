// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What the launcher hands over to: the demo and what needs a running, or a resting, one. */
@Command(
    name = "obolus",
    subcommands = {
      DemoCommand.class,
      TokenCommand.class,
      DoctorCommand.class,
      WithDatabaseCommand.class
    })
public final class DemoMain {
  private DemoMain() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new DemoMain())
            .setExecutionExceptionHandler(DemoMain::inOneSentence)
            .execute(args));
  }

  private static int inOneSentence(
      Exception fault, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
    if (fault instanceof DemoFault known) {
      System.err.println("obolus: " + known.getMessage());
      return known.exitCode();
    }
    throw fault;
  }
}
