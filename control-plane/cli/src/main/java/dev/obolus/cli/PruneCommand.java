// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Lets records leave the log that were kept long enough. Asked of a gateway it shows what would go;
 * one operator proposes it, another agrees, and the gateway seals a record of it. With that record
 * named, the database's owner removes what it names, after the whole log was verified.
 */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description = {
      "Let records leave the log that were kept long enough; nothing is changed unless it is said so.",
      "",
      "  --gateway … --epoch 202509              shows what would go",
      "  … --propose --reason …                  one operator proposes it",
      "  … --proposal CHAIN/SEQ --reason …       another agrees: a record of it is sealed",
      "  --record CHAIN/SEQ --user OWNER …       verifies the log and shows what the record removes",
      "  … --remove                              and removes it"
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done, or shown",
      "1:refused by the gateway, or the log or the record does not verify",
      "2:wrong usage",
      "3:the gateway, the database, a file or a key cannot be reached or read"
    })
final class PruneCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(names = "--gateway", description = "where the gateway answers")
  private Optional<URI> gateway = Optional.empty();

  @Option(
      names = "--token-file",
      description = "an access token of the operator application, in a file")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(names = "--epoch", paramLabel = "YYYYMM", description = "the month of the records")
  private int epoch;

  @Option(names = "--tenant", description = "only this tenant's records; may be repeated")
  private List<String> tenants = List.of();

  @Option(names = "--propose", description = "propose it, for somebody else to agree")
  private boolean propose;

  @Option(
      names = "--proposal",
      paramLabel = "CHAIN/SEQ",
      description = "agree to what was proposed in that record")
  private Optional<String> proposal = Optional.empty();

  @Option(names = "--reason", description = "in a few words, without names")
  private String reason = "";

  @Option(names = "--export", paramLabel = "WHERE", description = "where a copy of the records is")
  private Optional<String> export = Optional.empty();

  @Option(names = "--export-sha256", paramLabel = "HEX", description = "and the copy's SHA-256")
  private Optional<String> exportSha256 = Optional.empty();

  @Option(
      names = "--record",
      paramLabel = "CHAIN/SEQ",
      description = "the sealed record of the prune: what it names is removed, as the owner")
  private Optional<String> record = Optional.empty();

  @Option(names = "--remove", description = "remove it, not only show it")
  private boolean remove;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      split = ",",
      defaultValue = "${env:OBOLUS_ROOT_KEY_FILE}",
      description = "the root key's file (or OBOLUS_ROOT_KEY_FILE); after a rotation the older too")
  private List<Path> rootKeys = List.of();

  @Option(
      names = "--public-keys",
      paramLabel = "FILE",
      split = ",",
      defaultValue = "${env:OBOLUS_PUBLIC_KEYS_FILE}",
      description = "the log's public keys (or OBOLUS_PUBLIC_KEYS_FILE)")
  private List<Path> publicKeys = List.of();

  @Override
  public Integer call() throws Exception {
    if (record.isPresent()) {
      return carryOut(Place.of(spec, "--record", record.get()));
    }
    if (gateway.isEmpty() || tokenFile.isEmpty() || epoch == 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--gateway, --token-file and --epoch are needed, or --record of a sealed prune");
    }
    return OperatorDoor.ask(
        spec, gateway.get(), tokenFile.get(), "/audit/prune", Optional.of(body()), PATIENCE);
  }

  private String body() {
    List<String> members = new ArrayList<>();
    members.add("\"epoch\":" + epoch);
    if (!tenants.isEmpty()) {
      members.add(
          tenants.stream()
              .map(OperatorDoor::quoted)
              .collect(Collectors.joining(",", "\"tenants\":[", "]")));
    }
    if (propose) {
      members.add("\"propose\":true");
    }
    if (!reason.isEmpty()) {
      members.add("\"reason\":" + OperatorDoor.quoted(reason));
    }
    if (proposal.isPresent()) {
      Place place = Place.of(spec, "--proposal", proposal.get());
      members.add(
          "\"proposal\":{\"chain\":\"%s\",\"seq\":%d}".formatted(place.chain(), place.seq()));
    }
    if (export.isPresent() || exportSha256.isPresent()) {
      members.add(
          "\"export\":{\"location\":%s,\"sha256\":%s}"
              .formatted(
                  OperatorDoor.quoted(export.orElse("")),
                  OperatorDoor.quoted(exportSha256.orElse(""))));
    }
    return "{" + String.join(",", members) + "}";
  }

  private int carryOut(Place place) throws Unavailable {
    PrintWriter out = spec.commandLine().getOut();
    if (rootKeys.isEmpty() && publicKeys.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--public-keys or --key is needed: without one nothing says that the record is genuine");
    }
    try (Connection connection = database.connect()) {
      Verification found = verify(connection);
      if (found.state() == Verification.State.BROKEN) {
        out.println(
            "BROKEN: "
                + found.firstBad().map(Verification.Bad::sentence).orElse("")
                + "\nNothing was removed.");
        out.flush();
        return ObolusCli.BROKEN;
      }
      List<Verification.Pruned> named =
          found.pruned().stream()
              .filter(part -> part.by().equals(place.chain()) && part.bySeq() == place.seq())
              .toList();
      int exit = carryOut(connection, place, named);
      out.flush();
      return exit;
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    }
  }

  private int carryOut(Connection connection, Place place, List<Verification.Pruned> named)
      throws SQLException {
    PrintWriter out = spec.commandLine().getOut();
    if (named.isEmpty()) {
      out.println(
          "No sealed and signed record of a prune is there that still counts. Nothing was removed.");
      return ObolusCli.BROKEN;
    }
    for (Verification.Pruned part : named) {
      out.println(
          "chain "
              + part.chain()
              + " of "
              + part.epoch()
              + ": "
              + part.records()
              + " records from "
              + part.first()
              + " to "
              + part.last()
              + (part.removed() ? ", gone" : ""));
    }
    if (!remove) {
      out.println("Nothing was removed: say --remove.");
      return ObolusCli.DONE;
    }
    out.println(removed(connection, place) + " records were removed.");
    return ObolusCli.DONE;
  }

  private static long removed(Connection connection, Place place) throws SQLException {
    connection.rollback();
    connection.setReadOnly(false);
    connection.setAutoCommit(true);
    try (PreparedStatement prune = connection.prepareStatement("SELECT obolus.audit_prune(?, ?)")) {
      prune.setBytes(1, place.chain().bytes().toArray());
      prune.setLong(2, place.seq());
      try (ResultSet row = prune.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private Verification verify(Connection connection) throws SQLException, Unavailable {
    try {
      List<VerifierKey> roots = new ArrayList<>();
      for (Path file : rootKeys) {
        roots.add(VerifierKey.read(file));
      }
      AuditVerifier verifier = new AuditVerifier(Optional.empty()).with(roots);
      return (publicKeys.isEmpty() ? verifier : verifier.with(PublicKeys.read(publicKeys)))
          .verify(connection);
    } catch (IOException e) {
      throw Unavailable.because("a key cannot be used", e);
    }
  }
}
