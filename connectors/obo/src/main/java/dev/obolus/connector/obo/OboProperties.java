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
 * @param profile how the provider wants to be asked
 * @param clientId the gateway's own application; with {@link Profile#AGENT_ID} the blueprint
 * @param clientSecretFile readable by its owner only; or
 * @param certificateFile a PEM file with key and certificates, readable by its owner only; or
 * @param federatedTokenFile a token that the platform projects; or
 * @param managedIdentity {@code system}, or the client id of a user-assigned one
 * @param sendCertificateChain whether {@code x5c} is sent
 * @param standby a second credential, presented where the first is refused
 * @param authority where Entra is reached; that of {@code obolus.identity.authority} by default
 * @param agentIdentity whom {@link Profile#AGENT_ID} acts as
 * @param tokenEndpoint where {@link Profile#RFC8693} asks
 * @param audience what {@link Profile#RFC8693} asks for besides the scope
 * @param continuousAccess whether Entra is told that claims challenges are handled
 * @param maxTtl how long an exchanged token is kept at most
 * @param cacheSize how many are kept at most, of four kilobytes; a longer one counts for several
 */
@ConfigurationProperties("obolus.obo")
record OboProperties(
    @DefaultValue("entra") Profile profile,
    @Nullable String clientId,
    @Nullable Path clientSecretFile,
    @Nullable Path certificateFile,
    @Nullable Path federatedTokenFile,
    @Nullable String managedIdentity,
    @DefaultValue("false") boolean sendCertificateChain,
    @Nullable Credential standby,
    @Nullable URI authority,
    @Nullable String agentIdentity,
    @Nullable URI tokenEndpoint,
    @Nullable String audience,
    @DefaultValue("false") boolean continuousAccess,
    @DefaultValue("30m") Duration maxTtl,
    @DefaultValue("60s") Duration skew,
    @DefaultValue("5s") Duration timeout,
    @DefaultValue("2s") Duration longestWait,
    @DefaultValue("50000") long cacheSize) {
  /** A purge is remembered for an hour; what was exchanged before is gone by then. */
  private static final Duration LONGEST = Duration.ofMinutes(50);

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  OboProperties {
    if (!maxTtl.isPositive() || maxTtl.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "obolus.obo.max-ttl is at most 50 minutes, and more than none");
    }
  }

  /** How a provider wants to be asked. */
  enum Profile {
    /** Entra's on-behalf-of flow. */
    ENTRA,
    /** The same as an agent identity of Entra Agent ID, in two steps. */
    AGENT_ID,
    /** OAuth 2.0 token exchange. */
    RFC8693
  }

  /** One of the four. */
  record Credential(
      @Nullable Path clientSecretFile,
      @Nullable Path certificateFile,
      @Nullable Path federatedTokenFile,
      @Nullable String managedIdentity,
      @DefaultValue("false") boolean sendCertificateChain) {}

  Credential primary() {
    return new Credential(
        clientSecretFile,
        certificateFile,
        federatedTokenFile,
        managedIdentity,
        sendCertificateChain);
  }

  String requiredClientId() {
    return required(clientId, "client-id");
  }

  String requiredAgentIdentity() {
    return required(agentIdentity, "agent-identity");
  }

  private static String required(@Nullable String value, String name) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("obolus.obo." + name + " is missing");
    }
    return value;
  }

  /** The authority without a trailing slash. */
  URI authority(URI ofIdentity, List<String> plainHosts) {
    return reached("authority", authority == null ? ofIdentity : authority, plainHosts);
  }

  URI requiredTokenEndpoint(List<String> plainHosts) {
    if (tokenEndpoint == null) {
      throw new IllegalArgumentException("obolus.obo.token-endpoint is missing");
    }
    return reached("token endpoint", tokenEndpoint, plainHosts);
  }

  private static URI reached(String what, URI chosen, List<String> plainHosts) {
    String host = chosen.getHost() == null ? "" : chosen.getHost().toLowerCase(Locale.ROOT);
    boolean plain = LOOPBACK.contains(host) || plainHosts.contains(host);
    if (host.isEmpty()
        || chosen.getQuery() != null
        || !("https".equals(chosen.getScheme()) || (plain && "http".equals(chosen.getScheme())))) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " is reached by https; plain http only reaches loopback, or a host in"
              + " obolus.http-allowed-hosts");
    }
    String text = chosen.toString();
    return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }
}
