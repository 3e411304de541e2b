// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Azure gives the machine that the gateway runs on: tokens of its managed identity, as a
 * virtual machine's instance metadata or App Service answers. To this machine only.
 */
public final class InstanceMetadata implements HttpHandler {
  public static final String PATH = "/metadata/identity/oauth2/token";

  /** As {@code azpacr} says it: nobody keeps a secret. */
  private static final int MANAGED = 2;

  private final EntraApi entra;
  private final Clock clock;

  public InstanceMetadata(EntraApi entra, Clock clock) {
    this.entra = entra;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var wire = new Wire(exchange);
      Map<String, String> query = wire.query();
      App identity = Directory.app(Directory.GATEWAY_IDENTITY).orElseThrow();
      String wanted = query.getOrDefault("client_id", identity.clientId());
      Optional<App> resource = Directory.api(query.getOrDefault("resource", ""));
      boolean asks =
          wire.header("Metadata").equals("true") || !wire.header("X-IDENTITY-HEADER").isEmpty();
      if (!exchange.getRemoteAddress().getAddress().isLoopbackAddress()
          || !asks
          || !wire.method().equals("GET")) {
        wire.json(400, fault("invalid_request", "the Metadata header is missing"));
      } else if (!wanted.equals(identity.clientId())) {
        wire.json(400, fault("invalid_request", "Identity not found"));
      } else if (resource.isEmpty()) {
        wire.json(400, fault("invalid_resource", "the resource is unknown"));
      } else {
        wire.json(200, answer(identity, resource.get(), query.getOrDefault("resource", "")));
      }
    }
  }

  private ObjectNode answer(App identity, App resource, String asked) {
    long seconds = entra.tokens().life(resource).toSeconds();
    return JsonMapper.shared()
        .createObjectNode()
        .put(
            "access_token",
            entra.tokens().forApp(Directory.TENANT, identity, resource, asked, MANAGED))
        .put("client_id", identity.clientId())
        .put("expires_in", String.valueOf(seconds))
        .put("expires_on", String.valueOf(clock.instant().plusSeconds(seconds).getEpochSecond()))
        .put("resource", asked)
        .put("token_type", "Bearer");
  }

  private static ObjectNode fault(String error, String text) {
    return JsonMapper.shared()
        .createObjectNode()
        .put("error", error)
        .put("error_description", text);
  }
}
