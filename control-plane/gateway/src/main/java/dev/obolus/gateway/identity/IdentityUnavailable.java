// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import org.springframework.security.authentication.AuthenticationServiceException;

/** Whether a token is good cannot be told at the moment: its issuer's keys are not to be had. */
public final class IdentityUnavailable extends AuthenticationServiceException {
  private static final long serialVersionUID = 1L;

  private final String fact;

  IdentityUnavailable(String fact) {
    super(fact);
    this.fact = fact;
  }

  /** What is missing: for whoever runs this gateway. */
  public String fact() {
    return fact;
  }
}
