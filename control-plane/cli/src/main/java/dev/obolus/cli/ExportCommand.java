// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.export.FileExport;
import dev.obolus.audit.export.Format;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.tree.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the log into a file for others, with a manifest beside it. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Write the log into a file, with a manifest beside it. No personal value is in it.")
final class ExportCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--format",
      defaultValue = "EVIDENCE",
      description = "evidence (default), ocsf or cef")
  private Format format = Format.EVIDENCE;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "a new file")
  private Path file = Path.of("");

  @Option(names = "--tenant", description = "only this tenant's records; may be repeated")
  private List<String> tenants = List.of();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "the log's signing key, to sign the manifest with")
  private Optional<Path> key = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    PrintWriter out = spec.commandLine().getOut();
    try (Connection connection = database.connect()) {
      Optional<SigningKey> signing =
          key.isPresent() ? Optional.of(SigningKey.read(key.get())) : Optional.empty();
      FileExport.Exported exported =
          new FileExport(new LogSource(connection), format, new HashSet<>(tenants)).to(file);
      Path manifest = file.resolveSibling(file.getFileName() + ".manifest");
      Path _ =
          Files.writeString(
              manifest, signed(exported.manifest(), signing), StandardOpenOption.CREATE_NEW);
      out.println(exported.records() + " records in " + file + ", the manifest in " + manifest);
      return ObolusCli.DONE;
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    } catch (IOException e) {
      throw Unavailable.because("the export was not written", e);
    }
  }

  private static String signed(String manifest, Optional<SigningKey> key) {
    return key.map(signing -> signing.signManifest(manifest, Instant.now()).toString())
        .orElse(manifest);
  }
}
