// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.postgres.LogState;
import dev.obolus.audit.postgres.PostgresAuditLog;
import dev.obolus.gateway.operator.GatewayStatus;
import dev.obolus.policy.PolicyEvaluator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What this gateway is, by what its parts say of themselves. */
final class GatewayStatusReport implements GatewayStatus {
  private final Deployment deployment;
  private final PostgresAuditLog log;
  private final PolicyEvaluator policy;

  GatewayStatusReport(Deployment deployment, PostgresAuditLog log, PolicyEvaluator policy) {
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
    status.put("policy_ready", policy.ready());
    status.put("version", version());
    return status;
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
