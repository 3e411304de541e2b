// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.policy.Revision;
import dev.obolus.policy.lifecycle.LifecycleJournal;
import dev.obolus.policy.lifecycle.PolicyWorkshop;
import dev.obolus.policy.opa.Finding;
import dev.obolus.policy.opa.OpaProgram;
import dev.obolus.policy.opa.PolicyCompiler;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The policy author's loop beside a running gateway: each outcome is printed and recorded. */
final class PolicyDesk implements LifecycleJournal {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyDesk.class);
  private static final String SOURCE = "folder";

  private final PolicyRecords records;
  private final DepartedAgents departed;

  PolicyDesk(PolicyRecords records, DepartedAgents departed) {
    this.records = records;
    this.departed = departed;
  }

  /** A loop that has begun, where sources are configured and {@code opa} is there. */
  static Optional<PolicyWorkshop> open(
      WasmPolicyEvaluator evaluator,
      PolicySettings settings,
      PolicyRecords records,
      DepartedAgents departed) {
    Path sources = settings.sources();
    Path facts = settings.facts();
    if (sources == null || facts == null) {
      return Optional.empty();
    }
    Path named = settings.opa();
    Optional<OpaProgram> opa =
        named == null
            ? OpaProgram.find(System.getenv(), sources.toAbsolutePath().resolve(".."))
            : Optional.of(OpaProgram.at(named));
    if (opa.isEmpty()) {
      LOG.atWarn().log("policy sources are not watched: no opa of 1.22.0 or newer");
      return Optional.empty();
    }
    PolicyWorkshop workshop =
        new PolicyWorkshop(
            evaluator,
            new PolicyCompiler(opa.get()),
            sources,
            facts,
            new PolicyDesk(records, departed));
    workshop.start();
    return Optional.of(workshop);
  }

  @Override
  public void activating(Revision revision, Revision before) throws InterruptedException {
    records.record(new PolicyChanged(before.digest(), revision.digest(), SOURCE, "activated"));
  }

  @Override
  public void activated(Revision revision, Revision before, Duration took, List<Finding> warnings) {
    departed.look();
    warnings.forEach(PolicyDesk::say);
    LOG.atInfo()
        .addKeyValue("revision", revision.brief())
        .addKeyValue("took_ms", took.toMillis())
        .log("the saved policy is active");
  }

  @Override
  public void refused(Revision active, List<Finding> findings) throws InterruptedException {
    findings.forEach(PolicyDesk::say);
    LOG.atWarn().addKeyValue("kept", active.brief()).log("the saved policy is refused");
    records.record(new PolicyChanged(active.digest(), active.digest(), SOURCE, "refused"));
  }

  private static void say(Finding finding) {
    LOG.atWarn().addKeyValue("finding", finding.toString()).log("policy");
  }
}
