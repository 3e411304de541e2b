// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.migrations.DatabaseMigration;
import java.util.concurrent.Callable;
import org.flywaydb.core.api.FlywayException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Brings a database's schema up to date, as its owner. */
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    description = "Bring a database's schema up to date, as its owner.")
final class MigrateCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    try {
      String version =
          DatabaseMigration.migrate(database.url(), database.user(), database.password());
      spec.commandLine().getOut().println("the schema is at " + version);
      return ObolusCli.DONE;
    } catch (FlywayException e) {
      throw new Unavailable("the database was not migrated: " + e.getMessage(), e);
    }
  }
}
