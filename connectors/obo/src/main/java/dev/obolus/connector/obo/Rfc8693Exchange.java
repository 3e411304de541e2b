// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * OAuth 2.0 token exchange (RFC 8693), as Keycloak, Okta and Spring Authorization Server offer it.
 * The one endpoint is configured; the tenant plays no part. A source's claims cannot be handed on
 * there, so a challenge is met by a new exchange and else surfaces.
 */
final class Rfc8693Exchange implements OboExchange {
  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  private final Settings settings;
  private final TokenEndpoint endpoint;

  Rfc8693Exchange(Settings settings, TokenEndpoint endpoint) {
    this.settings = settings;
    this.endpoint = endpoint;
  }

  /**
   * @param audience the target's name at the provider, where it wants one
   */
  record Settings(URI tokenEndpoint, String clientId, Optional<String> audience) {}

  @Override
  public Mono<Exchanged> exchange(Request request) {
    var ask =
        new TokenEndpoint.Ask(settings.tokenEndpoint, form(request), request.clientRequestId());
    return endpoint.ask(ask).map(answer -> answer.exchanged(Optional::empty));
  }

  private Map<String, String> form(Request request) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    form.put("client_id", settings.clientId);
    form.put("subject_token", request.assertion().reveal());
    form.put("subject_token_type", ACCESS_TOKEN);
    form.put("requested_token_type", ACCESS_TOKEN);
    form.put("scope", request.scope());
    settings.audience.ifPresent(audience -> form.put("audience", audience));
    return form;
  }
}
