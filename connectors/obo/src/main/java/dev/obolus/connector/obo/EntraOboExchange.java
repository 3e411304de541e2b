// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.RefusedExchange.Consent;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/**
 * Entra's on-behalf-of flow: one form POST to the person's own tenant (Microsoft identity platform,
 * "OAuth 2.0 On-Behalf-Of flow"). With an {@link AgentIdentityCredential} it is the second step of
 * an agent's.
 *
 * <p>Guarantees: the assertion goes to the configured authority only.
 */
final class EntraOboExchange implements OboExchange {
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Settings settings;
  private final TokenEndpoint endpoint;

  EntraOboExchange(Settings settings, TokenEndpoint endpoint) {
    this.settings = settings;
    this.endpoint = endpoint;
  }

  /**
   * @param authority where Entra is reached, without a trailing slash
   * @param continuousAccess whether we say that we handle claims challenges ({@code cp1}); tokens
   *     then live longer and sources may end them at once
   */
  record Settings(URI authority, String clientId, boolean continuousAccess) {}

  @Override
  public Mono<Exchanged> exchange(Request request) {
    if (!GUID.matcher(request.tenant()).matches()) {
      return Mono.just(new Refused(new TokenRejected("tenant"), false, Optional.empty()));
    }
    var ask =
        new TokenEndpoint.Ask(
            tokenEndpoint(settings.authority, request.tenant()),
            form(request),
            request.clientRequestId());
    return endpoint.ask(ask).map(answer -> answer.exchanged(() -> consent(request)));
  }

  static URI tokenEndpoint(URI authority, String tenant) {
    return URI.create(authority + "/" + tenant + "/oauth2/v2.0/token");
  }

  private Map<String, String> form(Request request) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    form.put("requested_token_use", "on_behalf_of");
    form.put("client_id", settings.clientId);
    form.put("assertion", request.assertion().reveal());
    form.put("scope", request.scope());
    Optional<String> claims =
        settings.continuousAccess
            ? Optional.of(Claims.withContinuousAccess(request.claims()))
            : request.claims();
    claims.ifPresent(text -> form.put("claims", text));
    return form;
  }

  /** Tenant-wide: an exchange has no page on which a person could consent. */
  private Optional<Consent> consent(Request request) {
    String uri =
        "%s/%s/adminconsent?client_id=%s"
            .formatted(settings.authority, request.tenant(), settings.clientId);
    return Optional.of(new Consent(uri, request.scope()));
  }
}
