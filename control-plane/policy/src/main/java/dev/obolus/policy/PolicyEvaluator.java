// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Judges requests.
 *
 * <p>Guarantees: emits exactly one verdict and never an error; whatever goes wrong is a {@link
 * Decision.Deny} whose reason is one of {@code ENG-001} to {@code ENG-008} or {@code busy}.
 */
public interface PolicyEvaluator {

  /**
   * @param inputs one per resource of the plan, all alike but for the resource; one without a
   *     resource where the plan names none
   */
  Mono<Verdict> evaluate(List<PolicyInput> inputs);

  /**
   * What this caller could ever be allowed to read with this operation, for lists.
   *
   * @param caller without a resource
   */
  Mono<Visibility> visible(PolicyInput caller);

  /** The active revision, {@link Revision#NONE} before there is one. */
  Revision active();

  /** Warmed up, and so fit to serve. */
  boolean ready();
}
