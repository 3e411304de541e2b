// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

/** Makes a verifier for one application of the configured issuer. */
@FunctionalInterface
public interface VerifierFactory {

  TokenVerifier trusting(TrustedIssuer trusted);
}
