// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.server.DefaultServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * What the identity provider is asked. Whoever comes from the page of the signed out is to show
 * anew who he is ({@code prompt=login}, OpenID Connect Core 3.1.2.1): single sign-on would repeat
 * the old sign-in, which is too old to see personal values.
 */
final class SignInRequests implements ServerOAuth2AuthorizationRequestResolver {
  /** Where a sign-in begins. */
  static final String SIGN_IN = "/oauth2/authorization/" + SignInConfiguration.REGISTRATION;

  private static final String PROMPT = "prompt";
  private static final String LOGIN = "login";

  /** Where one begins for which single sign-on does not do. */
  static final String SIGN_IN_ANEW = SIGN_IN + "?" + PROMPT + "=" + LOGIN;

  private final ServerOAuth2AuthorizationRequestResolver requests;

  SignInRequests(ReactiveClientRegistrationRepository registrations) {
    this.requests = new DefaultServerOAuth2AuthorizationRequestResolver(registrations);
  }

  @Override
  public Mono<OAuth2AuthorizationRequest> resolve(ServerWebExchange exchange) {
    return requests.resolve(exchange).map(request -> asked(exchange, request));
  }

  @Override
  public Mono<OAuth2AuthorizationRequest> resolve(ServerWebExchange exchange, String registration) {
    return requests.resolve(exchange, registration).map(request -> asked(exchange, request));
  }

  private static OAuth2AuthorizationRequest asked(
      ServerWebExchange exchange, OAuth2AuthorizationRequest request) {
    return LOGIN.equals(exchange.getRequest().getQueryParams().getFirst(PROMPT))
        ? OAuth2AuthorizationRequest.from(request)
            .additionalParameters(more -> more.put(PROMPT, LOGIN))
            .build()
        : request;
  }
}
