// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code obolus.obo}: how the gateway exchanges its callers' tokens.
 *
 * @param clientId the gateway's own application
 * @param clientSecretFile readable by its owner only; or
 * @param certificateFile a PEM file with key and certificate, readable by its owner only
 * @param authority where Entra is reached; that of {@code obolus.identity.authority} by default
 * @param maxTtl how long an exchanged token is kept at most
 * @param cacheSize how many are kept at most
 */
@ConfigurationProperties("obolus.obo")
record OboProperties(
    @Nullable String clientId,
    @Nullable Path clientSecretFile,
    @Nullable Path certificateFile,
    @Nullable URI authority,
    @DefaultValue("30m") Duration maxTtl,
    @DefaultValue("60s") Duration skew,
    @DefaultValue("5s") Duration timeout,
    @DefaultValue("2s") Duration longestWait,
    @DefaultValue("50000") long cacheSize) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  String requiredClientId() {
    if (clientId == null || clientId.isBlank()) {
      throw new IllegalArgumentException("obolus.obo.client-id is missing");
    }
    return clientId;
  }

  /** The authority without a trailing slash. */
  URI authority(URI ofIdentity, List<String> plainHosts) {
    URI chosen = authority == null ? ofIdentity : authority;
    String host = chosen.getHost() == null ? "" : chosen.getHost().toLowerCase(Locale.ROOT);
    boolean plain = LOOPBACK.contains(host) || plainHosts.contains(host);
    if (host.isEmpty()
        || chosen.getQuery() != null
        || !("https".equals(chosen.getScheme()) || (plain && "http".equals(chosen.getScheme())))) {
      throw new IllegalArgumentException(
          "the authority is reached by https; plain http only reaches loopback, or a host in"
              + " obolus.http-allowed-hosts");
    }
    String text = chosen.toString();
    return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }
}
