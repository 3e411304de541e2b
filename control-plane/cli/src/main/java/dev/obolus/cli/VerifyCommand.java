// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.EvidenceFile;
import dev.obolus.audit.fsck.Plain;
import dev.obolus.audit.fsck.ProofFile;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.TileFiles;
import dev.obolus.audit.fsck.TimeStamps;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Recomputes the whole log and names the first record that is not as it was written. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Recompute the audit log and name the first bad record.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:verified",
      "1:broken; the first bad record is named, and what is wrong with it",
      "2:wrong usage",
      "3:the database, a file or a key cannot be reached or read",
      "4:pending: there is nothing yet, or nothing signed yet, or an erasure is not; verify again",
      "5:of one record: it is not there any more, and a prune that was found true names it"
    })
final class VerifyCommand implements Callable<Integer> {
  /** A way to verify, and the options that it has no use for. */
  private record Unused(String by, List<String> options) {}

  private static final List<Unused> UNUSED =
      List.of(
          new Unused(
              "--proof",
              List.of(
                  "--evidence",
                  "--tiles",
                  "--record",
                  "--bookmark",
                  "--checkpoint",
                  "--authority",
                  "--key",
                  "--key-password-file",
                  "--url",
                  "--user",
                  "--password-file")),
          new Unused(
              "--evidence",
              List.of(
                  "--tiles",
                  "--record",
                  "--bookmark",
                  "--checkpoint",
                  "--authority",
                  "--url",
                  "--user",
                  "--password-file")),
          new Unused(
              "--tiles",
              List.of(
                  "--record",
                  "--bookmark",
                  "--authority",
                  "--key",
                  "--key-password-file",
                  "--url",
                  "--user",
                  "--password-file")),
          new Unused("--record", List.of("--bookmark", "--checkpoint", "--authority")));

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      split = ",",
      defaultValue = "${env:OBOLUS_ROOT_KEY_FILE}",
      description =
          "the root key (or OBOLUS_ROOT_KEY_FILE): its file, a PKCS #12 file that ends in .p12, or a"
              + " secret's identifier in Key Vault; after a rotation the older too")
  private List<String> rootKeys = List.of();

  @Option(
      names = "--key-password-file",
      paramLabel = "FILE",
      description = "the password of the root keys in PKCS #12, 0600")
  private @Nullable Path keyPassword;

  @Mixin private AzureOptions azure = new AzureOptions();

  @Option(
      names = "--public-keys",
      paramLabel = "FILE",
      split = ",",
      defaultValue = "${env:OBOLUS_PUBLIC_KEYS_FILE}",
      description =
          "the log's public keys (or OBOLUS_PUBLIC_KEYS_FILE), and witnesses' in files of their own")
  private List<Path> publicKeys = List.of();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description =
          "a checkpoint that was kept elsewhere, or a folder of them: the log must still hold it")
  private List<Path> checkpoints = List.of();

  @Option(
      names = "--authority",
      paramLabel = "FILE",
      split = ",",
      description = "a time-stamping authority's certificate: its stamps are checked too")
  private List<Path> authorities = List.of();

  @Option(
      names = "--evidence",
      paramLabel = "FILE",
      description = "verify an evidence export and its manifest beside it, not a database")
  private @Nullable Path evidence;

  @Option(
      names = "--tiles",
      paramLabel = "DIR",
      description = "verify a folder made by audit tiles, not a database")
  private @Nullable Path tiles;

  @Option(
      names = "--bookmark",
      paramLabel = "FILE",
      description =
          "of a database: go on where the verification that wrote this file came to, and write it;"
              + " what was checked is not read again")
  private @Nullable Path bookmark;

  @Option(
      names = "--proof",
      paramLabel = "FILE",
      description = "verify one record's proof, not a database")
  private @Nullable Path proof;

  @Option(
      names = "--record",
      paramLabel = "CHAIN/SEQ",
      description = "only that record, its links, and that a checkpoint covers it")
  private Optional<String> record = Optional.empty();

  @Option(names = "--no-progress", description = "say nothing before the end")
  private boolean quiet;

  @Override
  public Integer call() throws Unavailable {
    refuseWhatWouldNotBeLookedAt();
    if (proof != null) {
      return proof(proof);
    }
    Verification found =
        evidence != null ? evidence(evidence) : tiles != null ? tiles(tiles) : database();
    spec.commandLine().getOut().print(Plain.lines(told(found).text()));
    spec.commandLine().getOut().flush();
    return switch (found.state()) {
      case BROKEN -> ObolusCli.BROKEN;
      case PENDING -> ObolusCli.PENDING;
      case VERIFIED -> ObolusCli.DONE;
      case PRUNED -> ObolusCli.GONE;
    };
  }

  private VerificationTold told(Verification found) {
    return new VerificationTold(found, record.isPresent(), evidence != null, !publicKeys.isEmpty());
  }

  /** Whoever gives an option believes that what it names was checked. */
  private void refuseWhatWouldNotBeLookedAt() {
    ParseResult given = spec.commandLine().getParseResult();
    for (Unused unused : UNUSED) {
      if (given.hasMatchedOption(unused.by())) {
        unused.options().stream()
            .filter(given::hasMatchedOption)
            .findFirst()
            .ifPresent(option -> {
              throw new ParameterException(
                  spec.commandLine(),
                  option
                      + " does not go with "
                      + unused.by()
                      + ": it would not be looked at; verify twice, or leave it out");
            });
      }
    }
  }

  private int proof(Path file) throws Unavailable {
    PrintWriter out = spec.commandLine().getOut();
    try {
      ProofFile.Proven proven = ProofFile.verify(Files.readString(file), trusted());
      out.println(
          "VERIFIED: record "
              + proven.seq()
              + " of chain "
              + proven.chain()
              + ", "
              + Plain.line(proven.code())
              + ", sealed "
              + proven.at()
              + ", is entry "
              + proven.index()
              + " of "
              + proven.size());
      proven.witnesses().forEach((name, at) -> out.println("cosigned by " + name + " at " + at));
      out.flush();
      return ObolusCli.DONE;
    } catch (ProofFile.NotProven e) {
      out.println("BROKEN: " + Plain.line(String.valueOf(e.getMessage())));
      out.flush();
      return ObolusCli.BROKEN;
    } catch (IOException e) {
      throw Unavailable.because("the proof cannot be read", e);
    }
  }

  private Verification evidence(Path file) throws Unavailable {
    try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), quiet)) {
      Path manifest = file.resolveSibling(file.getFileName() + ".manifest");
      Optional<PublicKeys> trusted =
          publicKeys.isEmpty() ? Optional.empty() : Optional.of(trusted());
      return new EvidenceFile(file, manifest, roots(), trusted, bar).verify();
    } catch (IOException | IllegalArgumentException e) {
      throw Unavailable.because("the export or its manifest cannot be read", e);
    }
  }

  private Verification tiles(Path folder) throws Unavailable {
    try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), quiet)) {
      return new TileFiles(folder, trusted(), kept(), bar).verify();
    } catch (IOException e) {
      throw Unavailable.because("the tiles cannot be read", e);
    }
  }

  private Verification database() throws Unavailable {
    try (Connection connection = database.connect();
        ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), quiet)) {
      AuditVerifier verifier =
          new AuditVerifier(Optional.empty())
              .with(roots())
              .with(authorities())
              .holding(kept())
              .telling(bar);
      if (!publicKeys.isEmpty()) {
        verifier = verifier.with(trusted());
      }
      if (record.isPresent()) {
        Place place = Place.of(spec, "--record", record.get());
        return verifier.verify(connection, place.chain(), place.seq());
      }
      Path file = bookmark;
      return file == null ? verifier.verify(connection) : goingOn(verifier, file, connection);
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw Unavailable.because("a checkpoint or bookmark cannot be used", e);
    }
  }

  private static Verification goingOn(AuditVerifier verifier, Path file, Connection connection)
      throws IOException, SQLException {
    Optional<String> before =
        Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    return verifier
        .goingOn(
            before,
            text -> {
              try {
                Path written = Files.writeString(fresh, text);
                Path _ = Files.move(written, file, ATOMIC_MOVE, REPLACE_EXISTING);
              } catch (IOException e) {
                throw new UncheckedIOException("the bookmark is not written: " + e, e);
              }
            })
        .verify(connection);
  }

  private TimeStamps authorities() throws Unavailable {
    try {
      return TimeStamps.read(authorities);
    } catch (IOException e) {
      throw Unavailable.because("the authority's certificate cannot be used", e);
    }
  }

  private PublicKeys trusted() throws Unavailable {
    if (publicKeys.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--public-keys is needed: nothing else says whose tree it is");
    }
    try {
      return PublicKeys.read(publicKeys);
    } catch (IOException e) {
      throw Unavailable.because("the public keys cannot be used", e);
    }
  }

  private List<String> kept() throws IOException {
    List<String> notes = new ArrayList<>();
    for (Path path : checkpoints) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          for (Path file : files.sorted().toList()) {
            notes.add(Files.readString(file));
          }
        }
      } else {
        notes.add(Files.readString(path));
      }
    }
    return notes;
  }

  private List<VerifierKey> roots() throws Unavailable {
    List<VerifierKey> roots = new ArrayList<>();
    try (OwnTokens own = new OwnTokens(azure)) {
      for (String key : rootKeys) {
        roots.add(root(key, own));
      }
      return roots;
    } catch (IOException e) {
      throw Unavailable.because("the root key cannot be used", e);
    }
  }

  private VerifierKey root(String key, OwnTokens own) throws IOException, Unavailable {
    if (key.startsWith("https://") || key.startsWith("http://")) {
      return VerifierKey.parse(own.secret(key), key);
    }
    if (!key.endsWith(".p12")) {
      return VerifierKey.read(Path.of(key));
    }
    if (keyPassword == null) {
      throw new Unavailable("a root key in PKCS #12 needs --key-password-file");
    }
    return VerifierKey.read(Path.of(key), keyPassword);
  }
}
