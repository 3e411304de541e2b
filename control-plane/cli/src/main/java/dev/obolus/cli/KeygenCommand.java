// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a log's or a witness's signing key, and the public part that others are given. */
@Command(
    name = "keygen",
    mixinStandardHelpOptions = true,
    description = {
      "Make a signing key (Ed25519 and ML-DSA-44) in a new file, 0600, and write its public part"
          + " beside it, with .pub in place of .key.",
      "The public part is what an auditor gets."
    })
final class KeygenCommand implements Callable<Integer> {
  @Option(
      names = "--name",
      required = true,
      description = "the name that signatures carry: a log's is obolus/<environment>")
  private String name = "";

  @Option(names = "--key", required = true, paramLabel = "FILE", description = "where to")
  private Path file = Path.of("");

  @Option(names = "--witness", description = "a witness's key, not a log's")
  private boolean witness;

  @Option(names = "--if-missing", description = "do nothing where the key is there already")
  private boolean ifMissing;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    try {
      boolean there = ifMissing && Files.exists(file);
      SigningKey key =
          there ? SigningKey.read(file) : SigningKey.create(file, name, new SecureRandom());
      List<NoteKey> keys = witness ? key.witnessKeys() : key.logKeys();
      String said =
          Stream.concat(
                  Stream.of("# public keys of " + key.name()), keys.stream().map(NoteKey::toString))
              .collect(Collectors.joining("\n", "", "\n"));
      Files.writeString(publicPart(file), said);
      PrintWriter out = spec.commandLine().getOut();
      out.print(said);
      out.flush();
      return ObolusCli.DONE;
    } catch (IOException e) {
      throw new Unavailable("the key was not made: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new Unavailable("the key was not made: " + e.getMessage(), e);
    }
  }

  static Path publicPart(Path file) {
    String name = String.valueOf(file.getFileName());
    String stem = name.endsWith(".key") ? name.substring(0, name.length() - 4) : name;
    return file.resolveSibling(stem + ".pub");
  }
}
