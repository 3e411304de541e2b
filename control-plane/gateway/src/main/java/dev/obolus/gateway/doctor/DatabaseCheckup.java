// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whether the audit log's database is one that a gateway would write to. */
final class DatabaseCheckup implements Checkup {
  private static final String WHAT = "audit database";

  private final Supplier<DatabaseSettings> settings;
  private final BooleanSupplier requireStandby;

  DatabaseCheckup(Supplier<DatabaseSettings> settings, BooleanSupplier requireStandby) {
    this.settings = settings;
    this.requireStandby = requireStandby;
  }

  @Override
  public List<Finding> examine() {
    List<String> faults =
        AuditDatabase.faults(settings.get(), requireStandby.getAsBoolean())
            .blockOptional()
            .orElseThrow();
    return faults.isEmpty()
        ? sound()
        : faults.stream()
            .map(fault ->
                Finding.fault(
                    WHAT,
                    "In the database, " + fault + ".",
                    "The gateway serves nothing on such a database."))
            .toList();
  }

  private List<Finding> sound() {
    List<String> missing =
        AuditDatabase.missingEpochs(settings.get()).blockOptional().orElseThrow();
    long unanswered = AuditDatabase.unansweredKeys(settings.get()).blockOptional().orElseThrow();
    if (unanswered > 0) {
      return List.of(
          Finding.warning(
              WHAT,
              "In the last hour " + unanswered + " requests for a chain's key had no answer.",
              "Start the log's signer: without it no gateway starts, and one without next month's"
                  + " key stops at the turn of the month."));
    }
    return missing.isEmpty()
        ? List.of(
            Finding.ok(
                WHAT,
                "Durable, at the right schema, and this role can add and read, nothing else."))
        : List.of(
            Finding.warning(
                WHAT,
                "The log has no table yet for the months " + String.join(", ", missing) + ".",
                "Run obolus migrate every month, or leave it to the gateway, which makes both when"
                    + " it connects."));
  }
}
