// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import org.springframework.security.core.AuthenticationException;

/** The token was not accepted. */
public final class TokenRefused extends AuthenticationException {
  private static final long serialVersionUID = 1L;
  private final TokenFault fault;

  public TokenRefused(TokenFault fault) {
    super(fault.sentence());
    this.fault = fault;
  }

  public TokenFault fault() {
    return fault;
  }

  /** A refusal is no fault of ours: it has no trace. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
