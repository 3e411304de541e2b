// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

/**
 * Where the durable permit stands in the audit log: proof that there is one.
 *
 * @param decisionId the decision's id, which the caller sees too
 * @param chain the chain's id, 32 hex digits
 * @param seq its place in that chain, from 1
 */
public record PermitRef(String decisionId, String chain, long seq) {}
