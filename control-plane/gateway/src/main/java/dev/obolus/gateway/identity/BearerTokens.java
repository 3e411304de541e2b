// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Takes the token from the one place where it may be: a single {@code Authorization} header (RFC
 * 6750 §2.1). Never from a form or an address.
 */
final class BearerTokens implements ServerAuthenticationConverter {
  private static final String SCHEME = "Bearer ";

  @Override
  public Mono<Authentication> convert(ServerWebExchange exchange) {
    List<String> headers = exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION);
    return headers.isEmpty() ? Mono.empty() : Mono.fromCallable(() -> read(headers));
  }

  private static Authentication read(List<String> headers) {
    String header = headers.getFirst();
    boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    String token = bearer ? header.substring(SCHEME.length()).strip() : "";
    if (headers.size() != 1 || token.isEmpty() || token.indexOf(' ') >= 0) {
      throw new TokenRefused(TokenFault.NOT_A_BEARER_TOKEN);
    }
    return new PresentedToken(token);
  }
}
