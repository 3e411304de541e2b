// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** An operator as Spring Security knows one. Prints as nobody. */
public final class SignedIn implements OidcUser {
  private static final long serialVersionUID = 1L;
  private final transient Operator operator;
  private final OidcIdToken idToken;

  SignedIn(Operator operator, OidcIdToken idToken) {
    this.operator = operator;
    this.idToken = idToken;
  }

  public Operator operator() {
    return operator;
  }

  @Override
  public Collection<? extends GrantedAuthority> getAuthorities() {
    return operator.roles().stream()
        .map(role -> new SimpleGrantedAuthority("ROLE_" + role))
        .toList();
  }

  @Override
  public String getName() {
    return operator.id();
  }

  @Override
  public Map<String, Object> getClaims() {
    return idToken.getClaims();
  }

  @Override
  public Map<String, Object> getAttributes() {
    return getClaims();
  }

  @Override
  public @Nullable OidcUserInfo getUserInfo() {
    return null;
  }

  @Override
  public OidcIdToken getIdToken() {
    return idToken;
  }

  @Override
  public String toString() {
    return "SignedIn[redacted]";
  }
}
