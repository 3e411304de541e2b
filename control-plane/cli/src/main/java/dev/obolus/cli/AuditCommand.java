// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import picocli.CommandLine.Command;

/** What an auditor does with the log. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    subcommands = {
      KeygenCommand.class,
      ProofCommand.class,
      TilesCommand.class,
      VerifyCommand.class
    },
    description = "Verify the audit log, hand it over, make its keys.")
final class AuditCommand {}
