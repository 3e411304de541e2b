// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whose tokens the gateway takes.
 *
 * @param authority where Entra is reached
 * @param issuer what its version 2 tokens name, {@code {tenantid}} in the tenant's place
 * @param v1Issuer the same of version 1; empty to take none; where the sandbox is trusted, only its
 *     own counts
 * @param tenants served
 * @param audiences of this gateway's API
 * @param scope that a person's token must carry
 * @param skew by which clocks may differ
 * @param timeout of a fetch of metadata and keys
 */
@ConfigurationProperties("obolus.identity")
public record IdentitySettings(
    @DefaultValue("https://login.microsoftonline.com") URI authority,
    @DefaultValue("https://login.microsoftonline.com/{tenantid}/v2.0") String issuer,
    @DefaultValue("") String v1Issuer,
    @DefaultValue Set<String> tenants,
    @DefaultValue Set<String> audiences,
    @DefaultValue("access_as_user") String scope,
    @DefaultValue("60s") Duration skew,
    @DefaultValue("5s") Duration timeout) {

  /** Reserved for the stand-in Entra: a gateway that trusts it is a demo, whatever it is called. */
  public static final String SANDBOX_ISSUER_HOST = "entra.obolus.test";

  public boolean sandbox() {
    return isSandbox(issuer) || isSandbox(v1Issuer);
  }

  /** Whom the agents' door trusts. */
  TrustedIssuer agents() {
    return trusting(tenants, audiences, scope, Set.of());
  }

  /** The same issuer, for another application of it. */
  public TrustedIssuer trusting(
      Set<String> tenants, Set<String> audiences, String scope, Set<String> clients) {
    Optional<String> v1 =
        Optional.of(v1Issuer)
            .filter(template -> !template.isBlank())
            .filter(template -> !sandbox() || isSandbox(template));
    return new TrustedIssuer(issuer, v1, tenants, audiences, scope, clients, skew);
  }

  private static boolean isSandbox(String template) {
    return hostOf(template).equalsIgnoreCase(SANDBOX_ISSUER_HOST);
  }

  private static String hostOf(String template) {
    String host =
        template.isBlank() ? null : URI.create(TrustedIssuer.inPlace(template, "t")).getHost();
    return host == null ? "" : host;
  }
}
