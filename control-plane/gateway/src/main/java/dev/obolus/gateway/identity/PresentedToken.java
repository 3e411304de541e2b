// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** A bearer token as it came, not yet verified. Nothing but the verifier reads its text. */
final class PresentedToken extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1L;
  private final transient String text;

  PresentedToken(String text) {
    super(List.of());
    this.text = text;
  }

  String text() {
    return text;
  }

  @Override
  public Object getCredentials() {
    return "";
  }

  @Override
  public Object getPrincipal() {
    return "presented token";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return "PresentedToken[…]";
  }
}
