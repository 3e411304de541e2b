// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.web.Page;
import dev.obolus.console.web.Page.Notice;
import dev.obolus.console.web.Pages;
import dev.obolus.console.web.Redirects;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.server.WebFilterExchange;
import org.springframework.security.web.server.authentication.RedirectServerAuthenticationSuccessHandler;
import org.springframework.security.web.server.csrf.CsrfException;
import org.springframework.security.web.server.savedrequest.WebSessionServerRequestCache;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;

/** What happens at the door: in, out, not yet, not you, no longer. */
final class Doors {
  private static final URI SIGN_IN = URI.create(SignInRequests.SIGN_IN);
  private static final URI EXPIRED = URI.create("/session-expired");

  private final SignInSettings settings;
  private final Viewers viewers;
  private final Arrival arrival;
  private final Pages pages;
  private final Clock clock;
  private final WebSessionServerRequestCache asked = new WebSessionServerRequestCache();
  private final RedirectServerAuthenticationSuccessHandler onwards =
      new RedirectServerAuthenticationSuccessHandler("/audit");

  Doors(SignInSettings settings, Viewers viewers, Arrival arrival, Pages pages, Clock clock) {
    this.settings = settings;
    this.viewers = viewers;
    this.arrival = arrival;
    this.pages = pages;
    this.clock = clock;
    onwards.setRequestCache(asked);
  }

  /** Signed in: the session lives as long as the token, the sign-in is recorded, on to the page. */
  Mono<Void> in(WebFilterExchange filtered, Authentication authentication) {
    return viewers
        .of(filtered.getExchange(), authentication)
        .doOnNext(this::endWithToken)
        .flatMap(arrival::recorded)
        .then(Mono.defer(() -> onwards.onAuthenticationSuccess(filtered, authentication)));
  }

  private void endWithToken(Viewer viewer) {
    viewer.session().setMaxIdleTime(Duration.between(clock.instant(), viewer.operator().until()));
  }

  /** A stranger: to the identity provider, or first a word where a session has ended. */
  Mono<Void> stranger(ServerWebExchange exchange, AuthenticationException cause) {
    if (!html(exchange)) {
      return notSignedIn(exchange.getResponse());
    }
    return exchange
        .getSession()
        .map(session -> ended(exchange, session) ? EXPIRED : SIGN_IN)
        .flatMap(to -> asked.saveRequest(exchange).then(Redirects.seeOther(exchange, to)));
  }

  /** To a program, or a page's script: no redirect that it could not follow. */
  private static Mono<Void> notSignedIn(ServerHttpResponse response) {
    response.setStatusCode(HttpStatus.UNAUTHORIZED);
    response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
    var sentence = "Not signed in. Open this address in a browser and sign in there.\n";
    var buffer = response.bufferFactory().wrap(sentence.getBytes(StandardCharsets.US_ASCII));
    return response.writeWith(Mono.just(buffer));
  }

  private boolean ended(ServerWebExchange exchange, WebSession session) {
    boolean sentOne =
        exchange.getRequest().getCookies().containsKey(SignInConfiguration.cookieName(settings));
    return exchange.getAttributes().containsKey(EndingContexts.ENDED)
        || (sentOne && !session.isStarted());
  }

  private static boolean html(ServerWebExchange exchange) {
    return exchange.getRequest().getHeaders().getAccept().stream()
        .anyMatch(type -> type.isCompatibleWith(MediaType.TEXT_HTML) && !type.isWildcardType());
  }

  /** Signed in, but not for this. */
  Mono<Void> denied(ServerWebExchange exchange, AccessDeniedException cause) {
    if (cause instanceof CsrfException) {
      return Redirects.seeOther(exchange, EXPIRED);
    }
    return viewers
        .of(exchange)
        .flatMap(viewer -> pages.write(exchange, notPermitted(viewer.operator())));
  }

  static Page notPermitted(Operator operator) {
    return Page.notice(
        HttpStatus.FORBIDDEN,
        new Notice(
            "deny",
            "Not permitted",
            "The live audit needs the role Soc or Auditor. You hold "
                + operator.rolesInWords()
                + ".",
            "Ask an administrator of your tenant for the role, then sign in again.",
            "",
            ""));
  }

  /** The identity provider, or the way there, said no. */
  Mono<Void> notIn(WebFilterExchange filtered, AuthenticationException cause) {
    return Redirects.seeOther(filtered.getExchange(), URI.create("/sign-in-failed"));
  }

  /** Signed out: here at once, then at the identity provider. */
  Mono<Void> out(WebFilterExchange filtered, Authentication authentication) {
    var exchange = filtered.getExchange();
    return exchange
        .getSession()
        .flatMap(WebSession::invalidate)
        .then(Mono.defer(() -> Redirects.seeOther(exchange, atProvider(exchange))));
  }

  private URI atProvider(ServerWebExchange exchange) {
    var own =
        settings
            .publicUrl()
            .orElseGet(() ->
                UriComponentsBuilder.fromUri(exchange.getRequest().getURI())
                    .replacePath("")
                    .replaceQuery(null)
                    .build()
                    .toUri());
    return UriComponentsBuilder.fromUri(settings.forBrowsers("/oauth2/v2.0/logout"))
        .queryParam("client_id", settings.clientId())
        .queryParam("post_logout_redirect_uri", "{back}")
        .build(own.resolve("/signed-out").toString());
  }
}
