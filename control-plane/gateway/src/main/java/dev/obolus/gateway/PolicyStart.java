// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.policy.Revision;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.UnfitFacts;
import dev.obolus.policy.lifecycle.PolicyWorkshop;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.UnloadablePolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Loads and warms the first revision beside the start, which takes seconds, and records it: until
 * then the gateway is up, not ready, and refuses everything.
 */
final class PolicyStart implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyStart.class);

  private final WasmPolicyEvaluator evaluator;
  private final PolicySettings settings;
  private final PolicyRecords records;
  private final DepartedAgents departed;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("policy-start").unstarted(this::activate);

  private volatile Optional<PolicyWorkshop> workshop = Optional.empty();

  PolicyStart(
      WasmPolicyEvaluator evaluator,
      PolicySettings settings,
      PolicyRecords records,
      DepartedAgents departed) {
    this.evaluator = evaluator;
    this.settings = settings;
    this.records = records;
    this.departed = departed;
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public void stop() {
    thread.interrupt();
    workshop.ifPresent(PolicyWorkshop::close);
  }

  @Override
  public boolean isRunning() {
    return thread.isAlive();
  }

  private void activate() {
    try {
      Path folder = settings.facts();
      Facts facts = folder == null ? Facts.none() : Facts.read(folder);
      WasmPolicyEvaluator.Prepared prepared = evaluator.prepare(PackagedPolicy.with(facts));
      records.record(
          new PolicyChanged(
              Revision.NONE.digest(), prepared.revision().digest(), "packaged", "activated"));
      Revision revision = prepared.activate();
      departed.look();
      LOG.atInfo().addKeyValue("revision", revision.brief()).log("policy is active");
      workshop = PolicyDesk.open(evaluator, settings, records, departed);
    } catch (InterruptedException _) {
      LOG.atDebug().log("stopped before there was a policy");
    } catch (UnfitFacts | UnloadablePolicy unfit) {
      LOG.atError().addKeyValue("fault", unfit.getMessage()).log("no policy: all is refused");
    } catch (RuntimeException fault) {
      LOG.atError().setCause(fault).log("no policy: all is refused");
    }
  }
}
