// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.export.WhoAccessed;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists who was served data of a label. */
@Command(
    name = "who-accessed",
    mixinStandardHelpOptions = true,
    description = "List the people, agents and columns of every answer with data of a label.")
final class WhoAccessedCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Parameters(paramLabel = "LABEL", description = "such as pii")
  private String label = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    PrintWriter out = spec.commandLine().getOut();
    try (Connection connection = database.connect()) {
      List<WhoAccessed.Access> found = new WhoAccessed(new LogSource(connection)).label(label);
      for (WhoAccessed.Access access : found) {
        out.println(
            "%s through %s, %d %s from %s to %s: %s"
                .formatted(
                    access.person(),
                    access.agent(),
                    access.times(),
                    access.times() == 1 ? "answer" : "answers",
                    access.first(),
                    access.last(),
                    String.join(", ", access.columns())));
      }
      if (found.isEmpty()) {
        out.println("Nobody was served data labelled " + label + ".");
      }
      return ObolusCli.DONE;
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    }
  }
}
