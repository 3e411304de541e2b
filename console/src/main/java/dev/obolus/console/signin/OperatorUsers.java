// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.audit.DataTenants;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.userinfo.ReactiveOAuth2UserService;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Mono;

/**
 * Reads who signed in: the name from the verified id token, the roles from the verified operator
 * token, and both must be the same person's.
 */
final class OperatorUsers implements ReactiveOAuth2UserService<OidcUserRequest, OidcUser> {
  private static final Set<String> KNOWN =
      Set.of("Soc", "Author", "Approver", "Auditor", "Platform", "Admin");

  private final ReactiveJwtDecoder operatorTokens;
  private final DataTenants visible;

  OperatorUsers(ReactiveJwtDecoder operatorTokens, DataTenants visible) {
    this.operatorTokens = operatorTokens;
    this.visible = visible;
  }

  @Override
  public Mono<OidcUser> loadUser(OidcUserRequest request) {
    return operatorTokens
        .decode(request.getAccessToken().getTokenValue())
        .onErrorMap(JwtException.class, e -> refused("the operator token was not accepted"))
        .map(operatorToken -> signedIn(request.getIdToken(), operatorToken));
  }

  private OidcUser signedIn(OidcIdToken idToken, Jwt operatorToken) {
    var id = required(idToken.getClaimAsString("oid"));
    var tenant = required(idToken.getClaimAsString("tid"));
    if (!id.equals(operatorToken.getClaimAsString("oid"))
        || !tenant.equals(operatorToken.getClaimAsString("tid"))) {
      throw refused("the two tokens are not the same person's");
    }
    var until = operatorToken.getExpiresAt();
    if (until == null) {
      throw refused("the operator token does not end");
    }
    var name = idToken.getClaimAsString("name");
    return new SignedIn(
        new Operator(
            tenant,
            visible.of(tenant),
            id,
            name == null ? "Operator" : name,
            roles(operatorToken),
            until),
        idToken);
  }

  private static Set<String> roles(Jwt operatorToken) {
    List<String> roles = operatorToken.getClaimAsStringList("roles");
    return roles == null
        ? Set.of()
        : roles.stream().filter(KNOWN::contains).collect(Collectors.toUnmodifiableSet());
  }

  private static String required(@org.jspecify.annotations.Nullable String claim) {
    if (claim == null) {
      throw refused("the id token names nobody");
    }
    return claim;
  }

  private static OAuth2AuthenticationException refused(String why) {
    return new OAuth2AuthenticationException(new OAuth2Error("invalid_token", why, null));
  }
}
