// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whose tokens are taken, and for what.
 *
 * <p>Guarantees: an issuer is what the authority's own metadata name, never put together from
 * parts: it differs by version and by cloud. Where one is stated, version 2 must name just that
 * one.
 *
 * @param stated what the metadata of version 2 must name, with {@code {tenantid}} in the tenant's
 *     place; empty to believe the authority
 * @param tenants the only tenants whose keys are ever asked for
 * @param audiences ours: client id or App ID URI, with or without a slash at its end
 * @param scope that a person's token must carry
 * @param clients the only applications that may call; empty for any
 * @param skew by which clocks may differ
 */
public record TrustedIssuer(
    Optional<String> stated,
    Set<String> tenants,
    Set<String> audiences,
    String scope,
    Set<String> clients,
    Duration skew) {
  private static final String PLACE = "{tenantid}";
  private static final Pattern GUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  public TrustedIssuer {
    tenants = Set.copyOf(tenants);
    audiences =
        audiences.stream().map(EntraClaims::withoutSlash).collect(Collectors.toUnmodifiableSet());
    clients = Set.copyOf(clients);
    if (stated.filter(template -> !template.contains(PLACE)).isPresent()) {
      throw new IllegalArgumentException("the issuer template names no {tenantid}");
    }
  }

  static boolean isGuid(String text) {
    return GUID.matcher(text).matches();
  }

  /**
   * Whether metadata of this tenant and version may name this issuer. It names the tenant and no
   * other; the stand-in's may be named only where the stand-in was stated.
   */
  boolean accepts(TokenVersion version, String tenant, String issuer) {
    boolean asStated =
        version != TokenVersion.V2
            || stated.map(template -> inPlace(template, tenant).equals(issuer)).orElse(true);
    return asStated
        && issuer.startsWith("https://")
        && issuer.contains("/" + tenant + "/")
        && isSandbox(issuer) == stated.filter(TrustedIssuer::isSandbox).isPresent();
  }

  /** Whether this is an issuer of the stand-in Entra, which is trusted in demos only. */
  static boolean isSandbox(String issuer) {
    String host = hostOf(issuer);
    return host.equals(IdentitySettings.SANDBOX_ISSUER_HOST)
        || host.endsWith("." + IdentitySettings.SANDBOX_ISSUER_HOST);
  }

  private static String hostOf(String issuer) {
    String host = URI.create(inPlace(issuer, "t")).getHost();
    return host == null ? "" : host.toLowerCase(Locale.ROOT);
  }

  static String inPlace(String template, String tenant) {
    return template.replace(PLACE, tenant);
  }
}
