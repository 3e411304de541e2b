// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.tree.TlogProof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the proof of one record. */
@Command(
    name = "proof",
    mixinStandardHelpOptions = true,
    description = {
      "Write a record's proof (C2SP tlog-proof), which anybody verifies offline:",
      "obolus audit verify --proof FILE --public-keys FILE"
    })
final class ProofCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Parameters(index = "0", paramLabel = "CHAIN", description = "32 hex digits")
  private String chain = "";

  @Parameters(index = "1", paramLabel = "SEQ")
  private long seq;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "a new file (default: CHAIN-SEQ.tlog-proof)")
  private @Nullable Path output;

  @Option(names = "--cosigned", description = "under the newest checkpoint that a witness cosigned")
  private boolean cosigned;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    if (!chain.matches("[0-9a-f]{32}")) {
      throw new ParameterException(spec.commandLine(), "not a chain: " + chain);
    }
    try (Connection connection = database.connect()) {
      TreeStore store = new TreeStore(connection);
      Optional<TileExport> tree =
          cosigned ? TileExport.newestCosigned(store) : TileExport.newest(store);
      Optional<TlogProof> proof =
          tree.isPresent() ? tree.get().proof(ChainId.parse(chain), seq) : Optional.empty();
      if (proof.isEmpty()) {
        throw new Unavailable(
            "record " + seq + " of chain " + chain + " is under no checkpoint yet, or was pruned");
      }
      Path file = output == null ? Path.of(chain + "-" + seq + ".tlog-proof") : output;
      Path _ = Files.writeString(file, proof.get().toString(), StandardOpenOption.CREATE_NEW);
      spec.commandLine().getOut().println(file);
      spec.commandLine().getOut().flush();
      return ObolusCli.DONE;
    } catch (SQLException | IOException e) {
      throw Unavailable.because("the proof was not written", e);
    }
  }
}
