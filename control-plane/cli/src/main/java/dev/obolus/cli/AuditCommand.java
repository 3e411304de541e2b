// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import picocli.CommandLine.Command;

/** What an auditor does with the log. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    subcommands = {
      ExportCommand.class,
      ForgetCommand.class,
      KeygenCommand.class,
      ProofCommand.class,
      PruneCommand.class,
      RevealCommand.class,
      StreamCommand.class,
      TilesCommand.class,
      VerifyCommand.class,
      WhoAccessedCommand.class
    },
    description =
        "Verify the audit log, hand it over, make its keys, reveal a value, forget somebody,"
            + " prune what is old.")
final class AuditCommand {}
