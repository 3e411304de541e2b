// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Hands the whole tree over as files. */
@Command(
    name = "tiles",
    mixinStandardHelpOptions = true,
    description = {
      "Write the newest checkpoint and its tiles (C2SP tlog-tiles) into a new folder, to be verified"
          + " elsewhere:",
      "obolus audit verify --tiles DIR --public-keys FILE"
    })
final class TilesCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Parameters(paramLabel = "DIR", description = "a folder that is empty or not there")
  private Path folder = Path.of("");

  @Option(
      names = "--entries",
      description = "with every record's canonical bytes: they hold no personal value")
  private boolean entries;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      TileExport tree =
          TileExport.newest(new TreeStore(connection))
              .orElseThrow(() -> new Unavailable("no checkpoint was signed yet"));
      tree.write(folder, entries);
      spec.commandLine().getOut().println(tree.size() + " entries in " + folder);
      spec.commandLine().getOut().flush();
      return ObolusCli.DONE;
    } catch (SQLException | IOException e) {
      throw Unavailable.because("the tree was not written", e);
    }
  }
}
