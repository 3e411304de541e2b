// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.postgres.LogState;
import dev.obolus.audit.postgres.PostgresAuditLog;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.operator.GatewayStatus;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What this gateway is, by what its parts say of themselves. */
final class GatewayStatusReport implements GatewayStatus {
  private final Deployment deployment;
  private final PostgresAuditLog log;
  private final WasmPolicyEvaluator policy;
  private final Optional<Integrator> integrator;
  private final Freezes freezes;

  GatewayStatusReport(
      Deployment deployment,
      PostgresAuditLog log,
      WasmPolicyEvaluator policy,
      Optional<Integrator> integrator,
      Freezes freezes) {
    this.freezes = freezes;
    this.integrator = integrator;
    this.deployment = deployment;
    this.log = log;
    this.policy = policy;
  }

  @Override
  public Map<String, Object> now() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("environment", deployment.name());
    status.put("chain", chain());
    status.put("revision", policy.active().digest());
    status.put("checkpoints", checkpoints());
    status.put("freezes", freezes());
    status.put("policy_ready", policy.ready());
    status.put("version", version());
    status.put("reasons", reasons());
    return status;
  }

  /** What every code that can stand in a record as a reason says. */
  private Map<String, String> reasons() {
    Map<String, String> reasons = new TreeMap<>();
    for (ErrorCode code : ErrorCode.values()) {
      reasons.put(code.word(), code.sentence());
    }
    for (EngineFault fault : EngineFault.values()) {
      reasons.put(fault.code(), fault.reason().text());
    }
    policy.policy().ifPresent(active -> reasons.putAll(active.catalogue().texts()));
    return reasons;
  }

  private String freezes() {
    String list = freezes.isKnown() ? freezes.inForce().size() + " in force" : "UNKNOWN";
    return freezes.alarms().isEmpty() ? list : list + ", ALARM: " + freezes.alarms().size();
  }

  private String checkpoints() {
    return integrator
        .map(one ->
            switch (one.state()) {
              case IntegratorState.Signing(var size, var at) -> "signed " + size + " at " + at;
              case IntegratorState.Standby(var reason) -> "stands by: " + reason;
              case IntegratorState.Stopped(var reason) -> "STOPPED: " + reason;
            })
        .orElse("signed elsewhere");
  }

  private String chain() {
    return switch (log.state()) {
      case LogState.Ready(var chain) -> chain.toString();
      case LogState.Unavailable _, LogState.Closed _ -> "";
    };
  }

  private static String version() {
    return Optional.ofNullable(GatewayStatusReport.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
