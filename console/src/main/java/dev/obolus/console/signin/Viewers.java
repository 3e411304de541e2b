// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;
import reactor.core.publisher.Mono;

/** Finds who is asking. */
public final class Viewers {
  private static final String MEMORY = Memory.class.getName();

  private final ServerOAuth2AuthorizedClientRepository clients;

  Viewers(ServerOAuth2AuthorizedClientRepository clients) {
    this.clients = clients;
  }

  /** The signed-in operator; empty for a stranger, whom the security chain lets nowhere near. */
  public Mono<Viewer> of(ServerWebExchange exchange) {
    return exchange
        .getPrincipal()
        .ofType(Authentication.class)
        .filter(a -> a.getPrincipal() instanceof SignedIn)
        .flatMap(a -> of(exchange, a));
  }

  /** The viewer of an authentication that is not the exchange's principal yet. */
  Mono<Viewer> of(ServerWebExchange exchange, Authentication authentication) {
    Mono<OAuth2AuthorizedClient> client =
        clients.loadAuthorizedClient(SignInConfiguration.REGISTRATION, authentication, exchange);
    return client.zipWith(
        exchange.getSession(), (c, session) -> viewer(authentication, c, session));
  }

  private static Viewer viewer(
      Authentication authentication, OAuth2AuthorizedClient client, WebSession session) {
    if (!(authentication.getPrincipal() instanceof SignedIn signedIn)) {
      throw new IllegalStateException("not an operator");
    }
    var memory = (Memory) session.getAttributes().computeIfAbsent(MEMORY, key -> new Memory());
    return new Viewer(signedIn.operator(), memory, client.getAccessToken(), session);
  }
}
