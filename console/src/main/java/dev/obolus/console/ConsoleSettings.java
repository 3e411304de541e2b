// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.console.signin.SignInSettings;
import dev.obolus.console.web.Hosts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the console is told.
 *
 * @param publicUrl its own address; absent on this machine's loopback
 * @param gatewayUrl the gateways, tried in order
 * @param authority the identity provider, as this process reaches it
 * @param browserAuthority the same as browsers reach it; absent where there is no difference
 * @param issuer with {@code {tenantid}} in the place of the tenant
 * @param operatorAudience the operator API's client id
 * @param streams live streams in all, and of one operator
 */
@ConfigurationProperties("obolus.console")
record ConsoleSettings(
    @Nullable URI publicUrl,
    List<URI> gatewayUrl,
    @DefaultValue("https://login.microsoftonline.com") URI authority,
    @Nullable URI browserAuthority,
    @DefaultValue("https://login.microsoftonline.com/{tenantid}/v2.0") String issuer,
    String tenant,
    String clientId,
    Path clientSecretFile,
    @DefaultValue("api://obolus-operator/.default") String scope,
    String operatorAudience,
    @DefaultValue("5s") Duration signInTimeout,
    @DefaultValue("3s") Duration gatewayTimeout,
    @DefaultValue("120s") Duration verifyTimeout,
    @DefaultValue("500") int streams,
    @DefaultValue("4") int streamsPerOperator) {

  /** The stand-in identity provider's issuer: whoever trusts it is a demo. */
  private static final String RESERVED_HOST = "entra.obolus.test";

  ConsoleSettings {
    gatewayUrl = List.copyOf(gatewayUrl);
    if (!tenant.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
      throw new IllegalArgumentException("obolus.console.tenant is not a tenant id");
    }
  }

  SignInSettings signIn() {
    return new SignInSettings(
        authority,
        browsers(),
        issuer.replace("{tenantid}", tenant),
        tenant,
        clientId,
        clientSecretFile,
        scope,
        operatorAudience,
        Optional.ofNullable(publicUrl),
        signInTimeout);
  }

  URI browsers() {
    return browserAuthority == null ? authority : browserAuthority;
  }

  boolean demo() {
    return RESERVED_HOST.equals(URI.create(issuer.replace("{tenantid}", tenant)).getHost());
  }

  /** Fails on plain http to anything but loopback and the hosts that were allowed by name. */
  void requireSafe(Set<String> httpAllowedHosts) {
    gatewayUrl.forEach(url -> requireSafe("obolus.console.gateway-url", url, httpAllowedHosts));
    requireSafe("obolus.console.authority", authority, httpAllowedHosts);
    requireSafe("obolus.console.browser-authority", browsers(), httpAllowedHosts);
    if (publicUrl != null) {
      requireSafe("obolus.console.public-url", publicUrl, Set.of());
    }
  }

  private static void requireSafe(String name, URI url, Set<String> httpAllowedHosts) {
    boolean plain = !"https".equals(url.getScheme());
    if (plain && !Hosts.isLoopback(url.getHost()) && !httpAllowedHosts.contains(url.getHost())) {
      throw new IllegalStateException(
          name
              + " is "
              + url
              + ": plain http goes to loopback or to obolus.http-allowed-hosts only");
    }
  }
}
