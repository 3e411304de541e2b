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
 * @param authority where Entra is reached; it says which cloud: {@code
 *     https://login.microsoftonline.com}, {@code https://login.microsoftonline.us} (US Government),
 *     {@code https://login.partner.microsoftonline.cn} (China). The issuers come from its metadata
 * @param issuer what the metadata of version 2 must name, {@code {tenantid}} in the tenant's place;
 *     empty for whatever they name
 * @param tenants served
 * @param audiences of this gateway's API
 * @param scope that a person's token must carry
 * @param skew by which clocks may differ
 * @param timeout of a fetch of metadata and keys
 */
@ConfigurationProperties("obolus.identity")
public record IdentitySettings(
    @DefaultValue("https://login.microsoftonline.com") URI authority,
    @DefaultValue("") String issuer,
    @DefaultValue Set<String> tenants,
    @DefaultValue Set<String> audiences,
    @DefaultValue("access_as_user") String scope,
    @DefaultValue("60s") Duration skew,
    @DefaultValue("5s") Duration timeout) {

  /** Reserved for the stand-in Entra: a gateway that trusts it is a demo, whatever it is called. */
  public static final String SANDBOX_ISSUER_HOST = "entra.obolus.test";

  public boolean sandbox() {
    return stated().filter(TrustedIssuer::isSandbox).isPresent();
  }

  /** Whom the agents' door trusts. */
  TrustedIssuer agents() {
    return trusting(tenants, audiences, scope, Set.of());
  }

  /** The same issuer, for another application of it. */
  public TrustedIssuer trusting(
      Set<String> tenants, Set<String> audiences, String scope, Set<String> clients) {
    return new TrustedIssuer(stated(), tenants, audiences, scope, clients, skew);
  }

  private Optional<String> stated() {
    return Optional.of(issuer).filter(template -> !template.isBlank());
  }
}
