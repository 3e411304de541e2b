// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Recomputes the whole log and names the first record that is not as it was written. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Recompute the audit log and name the first bad record.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:verified, or nothing to verify yet",
      "1:broken; the first bad record is named",
      "2:wrong usage",
      "3:the database or the key cannot be reached or read"
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      defaultValue = "${env:OBOLUS_ROOT_KEY_FILE}",
      description =
          "the root key's file (or OBOLUS_ROOT_KEY_FILE); without it only hashes are checked")
  private @Nullable Path key;

  @Override
  public Integer call() throws Unavailable {
    Verification found = verify();
    spec.commandLine().getOut().print(tell(found));
    spec.commandLine().getOut().flush();
    return found.state() == Verification.State.BROKEN ? ObolusCli.BROKEN : ObolusCli.DONE;
  }

  private Verification verify() throws Unavailable {
    AuditVerifier verifier = new AuditVerifier(readKey());
    try (Connection connection = database.connect()) {
      return verifier.verify(connection);
    } catch (SQLException e) {
      throw new Unavailable("the log cannot be read: " + e.getMessage(), e);
    }
  }

  private Optional<VerifierKey> readKey() throws Unavailable {
    if (key == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(VerifierKey.read(key));
    } catch (IOException e) {
      throw new Unavailable("the root key cannot be used: " + e.getMessage(), e);
    }
  }

  private static String tell(Verification found) {
    String seen =
        String.format(
            Locale.ROOT,
            "%s in %s, %.1f s%n",
            counted(found.records(), "record"),
            counted(found.chains(), "chain"),
            found.took().toMillis() / 1000.0);
    String open =
        found.openPermits().isEmpty()
            ? ""
            : counted(found.openPermits().size(), "permit")
                + " without an outcome: under way, or left by a gateway that died\n";
    String unkeyed =
        found.keyed()
            ? ""
            : "Without the root key only hashes and links were checked: somebody who recomputed"
                + " them all would not be found.\n";
    return switch (found.state()) {
      case VERIFIED -> "VERIFIED: " + seen + open + unkeyed;
      case PENDING -> "Nothing to verify yet: the log is empty.\n";
      case BROKEN ->
          "BROKEN: "
              + found.firstBad().map(Verification.Bad::sentence).orElse("")
              + "\n"
              + seen
              + unkeyed;
    };
  }

  private static String counted(long number, String what) {
    return String.format(Locale.ROOT, number == 1 ? "%,d %s" : "%,d %ss", number, what);
  }
}
