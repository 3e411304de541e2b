// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code obolus.connectors.<id>} with {@code type: graph}.
 *
 * @param host where Graph is reached; that of the cloud which {@code obolus.identity.authority}
 *     names, if not given
 * @param scope what the person's token is exchanged for; Graph's own client id is the same in every
 *     cloud
 */
record GraphProperties(
    @Nullable String host,
    @DefaultValue("00000003-0000-0000-c000-000000000000/User.Read") String scope) {

  String host(URI authority) {
    return Optional.ofNullable(host)
        .or(() -> ofCloud(authority))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "host is missing, and the cloud of obolus.identity.authority is not known"));
  }

  /** Graph's address in each cloud (Microsoft Graph, "National cloud deployments"). */
  private static Optional<String> ofCloud(URI authority) {
    return switch (String.valueOf(authority.getHost())) {
      case "login.microsoftonline.com" -> Optional.of("https://graph.microsoft.com");
      case "login.microsoftonline.us" -> Optional.of("https://graph.microsoft.us");
      case "login.partner.microsoftonline.cn" ->
          Optional.of("https://microsoftgraph.chinacloudapi.cn");
      default -> Optional.empty();
    };
  }
}
