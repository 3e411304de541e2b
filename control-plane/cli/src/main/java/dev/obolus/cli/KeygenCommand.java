// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Makes a log's or a witness's signing key, and the public part that others are given; or a root
 * key, which has none.
 */
@Command(
    name = "keygen",
    mixinStandardHelpOptions = true,
    description = {
      "Make a signing key (Ed25519 and ML-DSA-44) in a new file, 0600, and write its public part"
          + " beside it, with .pub in place of .key.",
      "The public part is what an auditor gets.",
      "With --root: a root key, 64 hex digits, or in PKCS #12 where the file's name ends in .p12."
    })
final class KeygenCommand implements Callable<Integer> {
  @Option(
      names = "--name",
      description = "the name that signatures carry: a log's is obolus/<environment>")
  private String name = "";

  @Option(names = "--key", required = true, paramLabel = "FILE", description = "where to")
  private Path file = Path.of("");

  @Option(
      names = "--public",
      paramLabel = "FILE",
      description = "where its public part goes, if not beside it")
  private Optional<Path> publicFile = Optional.empty();

  @Option(names = "--witness", description = "a witness's key, not a log's")
  private boolean witness;

  @Option(names = "--root", description = "a root key: what a log is sealed with")
  private boolean root;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "of a root key in PKCS #12: its password, 0600; a random one if it is not there")
  private @Nullable Path passwordFile;

  @Option(names = "--if-missing", description = "do nothing where the key is there already")
  private boolean ifMissing;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    try {
      boolean there = ifMissing && Files.exists(file);
      if (root) {
        RootKey made = there ? null : root();
        spec.commandLine()
            .getOut()
            .println(made == null ? file + " is there already" : "root key " + made.id());
        return ObolusCli.DONE;
      }
      if (name.isEmpty()) {
        throw new ParameterException(spec.commandLine(), "--name is missing");
      }
      SigningKey key =
          there ? SigningKey.read(file) : SigningKey.create(file, name, new SecureRandom());
      List<NoteKey> keys = witness ? key.witnessKeys() : key.logKeys();
      String said =
          Stream.concat(
                  Stream.of("# public keys of " + key.name()), keys.stream().map(NoteKey::toString))
              .collect(Collectors.joining("\n", "", "\n"));
      Files.writeString(publicFile.orElseGet(() -> publicPart(file)), said);
      PrintWriter out = spec.commandLine().getOut();
      out.print(said);
      out.flush();
      return ObolusCli.DONE;
    } catch (IOException | IllegalArgumentException e) {
      throw Unavailable.because("the key was not made", e);
    }
  }

  private RootKey root() throws IOException {
    var random = new SecureRandom();
    if (!file.toString().endsWith(".p12")) {
      return RootKey.create(file, random);
    }
    if (passwordFile == null) {
      throw new ParameterException(spec.commandLine(), "a PKCS #12 file needs --password-file");
    }
    if (!Files.exists(passwordFile)) {
      byte[] password = new byte[24];
      random.nextBytes(password);
      Files.createFile(
          passwordFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(passwordFile, HexFormat.of().formatHex(password) + "\n");
    }
    return RootKey.create(file, passwordFile, random);
  }

  static Path publicPart(Path file) {
    String name = String.valueOf(file.getFileName());
    String stem = name.endsWith(".key") ? name.substring(0, name.length() - 4) : name;
    return file.resolveSibling(stem + ".pub");
  }
}
