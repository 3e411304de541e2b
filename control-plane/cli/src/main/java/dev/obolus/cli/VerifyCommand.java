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
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
  private static final int FIRST = 10;

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
    spec.commandLine().getOut().print(Plain.lines(tell(found)));
    spec.commandLine().getOut().flush();
    return switch (found.state()) {
      case BROKEN -> ObolusCli.BROKEN;
      case PENDING -> ObolusCli.PENDING;
      case VERIFIED -> ObolusCli.DONE;
      case PRUNED -> ObolusCli.GONE;
    };
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

  private String tell(Verification found) {
    String seen =
        String.format(
            Locale.ROOT,
            "%s in %s, %.1f s%n",
            counted(found.records(), "record"),
            counted(found.chains(), "chain"),
            found.took().toMillis() / 1000.0);
    if (found.before() > 0) {
      seen += String.format(Locale.ROOT, "%,d more were checked before%n", found.before());
    }
    String open =
        found.openPermits().isEmpty()
            ? ""
            : counted(found.openPermits().size(), "permit")
                + " without an outcome: under way, or left by a gateway that died\n";
    String undestroyed =
        found.undestroyed().isEmpty()
            ? ""
            : "erased on record, and their keys are still there: "
                + String.join(
                    " ", found.undestroyed().stream().map(one -> one.key().hex()).toList())
                + "; a gateway destroys them within minutes, or its log says why not\n";
    String signed =
        found
            .signed()
            .map(newest ->
                String.format(
                    Locale.ROOT,
                    "under a checkpoint of %,d entries%s; %,d records are newer (pending)%n",
                    newest.size(),
                    trustedBy(newest),
                    found.pending()))
            .orElse("");
    String unkeyed =
        found.keyed() || (!publicKeys.isEmpty() && (evidence != null || found.signed().isPresent()))
            ? ""
            : "Without the root key only hashes and links were checked: somebody who recomputed"
                + " them all would not be found.\n";
    return switch (found.state()) {
      case VERIFIED -> "VERIFIED: " + seen + signed + pruned(found) + undestroyed + open + unkeyed;
      case PENDING ->
          found.records() + found.before() == 0
              ? "PENDING: nothing to verify yet: the log is empty.\n"
              : found.awaited().isEmpty()
                  ? "PENDING: " + seen + uncovered(found)
                  : "PENDING: " + seen + awaited(found) + signed;
      case PRUNED -> "PRUNED: " + gone(found) + unkeyed;
      case BROKEN ->
          "BROKEN: "
              + found.firstBad().map(Verification.Bad::sentence).orElse("")
              + "\n"
              + seen
              + unkeyed;
    };
  }

  private String uncovered(Verification found) {
    if (record.isPresent()) {
      return "no checkpoint covers it yet.\n";
    }
    if (found.signed().isPresent()) {
      return evidence == null
          ? "no checkpoint covers any of them yet.\n"
          : "no checkpoint covered any of them when the export was written: write it anew.\n";
    }
    return "no checkpoint was signed yet.\n";
  }

  /** What a checkpoint must still say; the first of each erasure. */
  private static String awaited(Verification found) {
    StringBuilder lines = new StringBuilder();
    found.awaited().stream()
        .collect(
            Collectors.groupingBy(
                one -> "record " + one.bySeq() + " of chain " + one.by(),
                java.util.TreeMap::new,
                Collectors.toList()))
        .forEach((erasure, records) ->
            lines
                .append(counted(records.size(), "record"))
                .append(records.size() == 1 ? " lacks" : " lack")
                .append(" the key to stored values, as ")
                .append(erasure)
                .append(" says, which no checkpoint covers yet: ")
                .append(
                    records.stream()
                        .limit(FIRST)
                        .map(one -> one.chain() + "/" + one.seq())
                        .collect(Collectors.joining(" ")))
                .append(records.size() > FIRST ? " …" : "")
                .append('\n'));
    return lines + "verify again: a second later that is signed, or it is broken\n";
  }

  /** Of the one record that was asked for: what is proven of it, and no more. */
  private static String gone(Verification found) {
    StringBuilder lines = new StringBuilder("the record is not there any more\n");
    for (Verification.Pruned prune : found.pruned()) {
      lines.append(
          String.format(
              Locale.ROOT,
              "it is one of %s of %d, of tenants %s, that record %d of chain %s names; proposed by"
                  + " %s%n",
              counted(prune.records(), "record"),
              prune.epoch(),
              Plain.line(String.join(" ", prune.tenants().stream().sorted().toList())),
              prune.bySeq(),
              prune.by(),
              Plain.line(String.join(", agreed to by ", prune.people()))));
    }
    found
        .signed()
        .ifPresent(newest ->
            lines.append(
                String.format(
                    Locale.ROOT,
                    "the log signed a note of that prune, and both records' hashes lead to the root"
                        + " that it signed, of %,d entries%n",
                    newest.size())));
    return lines + "what stood in the record is not shown by this\n";
  }

  /** What is not there any more, by record and month. */
  private static String pruned(Verification found) {
    StringBuilder lines = new StringBuilder();
    found.pruned().stream()
        .collect(
            Collectors.groupingBy(
                part ->
                    String.format(
                        Locale.ROOT,
                        part.removed()
                            ? "of %d were pruned, as record %d of chain %s says%s"
                            : "of %d are to be pruned, as record %d of chain %s says, and are"
                                + " still there%s",
                        part.epoch(),
                        part.bySeq(),
                        part.by(),
                        part.outside()
                            ? "; who agreed to it are another tenant's people, whose words are not in"
                                + " the file"
                            : ""),
                java.util.TreeMap::new,
                Collectors.summingLong(Verification.Pruned::records)))
        .forEach((what, records) ->
            lines.append(counted(records, "record")).append(' ').append(what).append('\n'));
    return lines.toString();
  }

  private static String counted(long number, String what) {
    return String.format(Locale.ROOT, number == 1 ? "%,d %s" : "%,d %ss", number, what);
  }

  private static String trustedBy(Verification.Signed newest) {
    return newest.witnesses().entrySet().stream()
            .map(witness -> ", cosigned by " + witness.getKey() + " at " + witness.getValue())
            .collect(Collectors.joining())
        + newest.stamps().entrySet().stream()
            .map(stamp ->
                ", dated by "
                    + stamp.getKey()
                    + " at "
                    + stamp.getValue().size()
                    + " ("
                    + stamp.getValue().at()
                    + ")")
            .collect(Collectors.joining());
  }
}
