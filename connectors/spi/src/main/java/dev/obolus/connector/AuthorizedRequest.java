// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import com.google.errorprone.annotations.RestrictedApi;
import dev.obolus.terms.Obligation;
import java.time.Duration;
import java.util.List;

/**
 * A plan with its durable permit: the only thing that a connector executes.
 *
 * <p>Guarantees: one exists only after its permit was committed to the audit log, because only the
 * mediator (and the conformance kit) may call {@link #issue}; the build refuses any other caller.
 */
public final class AuthorizedRequest {
  private final AccessPlan plan;
  private final List<Obligation> obligations;
  private final DataRequest.Limits limits;
  private final PermitRef permit;
  private final Correlation correlation;
  private final Duration deadline;

  private AuthorizedRequest(
      AccessPlan plan,
      List<Obligation> obligations,
      DataRequest.Limits limits,
      PermitRef permit,
      Correlation correlation,
      Duration deadline) {
    this.plan = plan;
    this.obligations = List.copyOf(obligations);
    this.limits = limits;
    this.permit = permit;
    this.correlation = correlation;
    this.deadline = deadline;
  }

  /**
   * Issues the request that the permit stands for.
   *
   * @param limits already reduced to the smallest of caller, obligations and configuration
   */
  @RestrictedApi(
      explanation = "only a durable permit makes an authorized request",
      allowedOnPath = ".*/(gateway/mediation|connector/conformance)/.*")
  public static AuthorizedRequest issue(
      AccessPlan plan,
      List<Obligation> obligations,
      DataRequest.Limits limits,
      PermitRef permit,
      Correlation correlation,
      Duration deadline) {
    return new AuthorizedRequest(plan, obligations, limits, permit, correlation, deadline);
  }

  public AccessPlan plan() {
    return plan;
  }

  /** Every one of them must be met by the call. */
  public List<Obligation> obligations() {
    return obligations;
  }

  public DataRequest.Limits limits() {
    return limits;
  }

  public PermitRef permit() {
    return permit;
  }

  public Correlation correlation() {
    return correlation;
  }

  /** How long the whole call may take. */
  public Duration deadline() {
    return deadline;
  }

  /**
   * Ids that tie the call to the world outside.
   *
   * @param clientRequestId ours, sent to Entra and to the source
   * @param traceId W3C trace id, 32 lower-case hex digits
   */
  public record Correlation(String clientRequestId, String traceId) {}
}
