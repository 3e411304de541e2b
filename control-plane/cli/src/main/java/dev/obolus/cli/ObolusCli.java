// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.Plain;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Commands that need no gateway. Exit codes: 0 done or verified, 1 broken or refused, 2 wrong
 * usage, 3 something that is needed cannot be reached or read, 4 to be asked again.
 */
@Command(
    name = "obolus",
    mixinStandardHelpOptions = true,
    subcommands = {
      AuditCommand.class,
      FreezeCommand.class,
      MigrateCommand.class,
      PolicyCommand.class,
      WitnessCommand.class
    })
public final class ObolusCli {
  static final int DONE = 0;
  static final int BROKEN = 1;
  static final int UNAVAILABLE = 3;
  static final int PENDING = 4;
  static final int GONE = 5;

  private ObolusCli() {}

  public static void main(String[] args) {
    // nobody listens to libraries here; what matters is said in a sentence
    String _ = System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.exit(commandLine().execute(args));
  }

  /** The command with all its subcommands, for whoever runs it in a process of their own. */
  public static CommandLine commandLine() {
    return new CommandLine(new ObolusCli())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(ObolusCli::inOneSentence);
  }

  private static int inOneSentence(
      Exception fault, CommandLine command, CommandLine.ParseResult parsed) {
    if (fault instanceof Unavailable unavailable) {
      String sentence = String.valueOf(unavailable.getMessage()).replaceAll("\\s*\n\\s*", " ");
      command.getErr().println("obolus: " + Plain.line(sentence));
      return UNAVAILABLE;
    }
    // a fault of ours, and no verdict: 1 would say that the log is broken
    StringWriter trace = new StringWriter();
    fault.printStackTrace(new PrintWriter(trace));
    command.getErr().print(Plain.lines(trace.toString().replace("\t", "    ")));
    command.getErr().flush();
    return UNAVAILABLE;
  }
}
