// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whose tokens are taken, and for what.
 *
 * @param issuer a version 2 token's issuer, with {@code {tenantid}} in the tenant's place
 * @param issuerV1 the same of version 1; where absent, such tokens are refused
 * @param tenants the only tenants whose keys are ever asked for
 * @param audiences ours: client id or App ID URI, with or without a slash at its end
 * @param scope that a person's token must carry
 * @param clients the only applications that may call; empty for any
 * @param skew by which clocks may differ
 */
public record TrustedIssuer(
    String issuer,
    Optional<String> issuerV1,
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
    if (!issuer.contains(PLACE)) {
      throw new IllegalArgumentException("the issuer template names no {tenantid}");
    }
  }

  static boolean isGuid(String text) {
    return GUID.matcher(text).matches();
  }

  /** The issuer that a token of this version and tenant must name; empty if none is taken. */
  Optional<String> issuerOf(TokenVersion version, String tenant) {
    return switch (version) {
      case V1 -> issuerV1.map(template -> inPlace(template, tenant));
      case V2 -> Optional.of(inPlace(issuer, tenant));
    };
  }

  static String inPlace(String template, String tenant) {
    return template.replace(PLACE, tenant);
  }
}
