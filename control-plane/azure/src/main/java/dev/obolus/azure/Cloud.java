// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import java.net.URI;
import java.util.Locale;

/**
 * One of Azure's clouds, or the offline world, as the authority tells: which hosts are its vaults,
 * and for which resources tokens are asked.
 *
 * <p>Guarantees: a token for a vault goes to no host that is not this cloud's.
 *
 * @param vaults what the name of a vault's host ends with; or, beside an authority that is none of
 *     Microsoft's, that authority's own address
 * @param vault the resource of Key Vault
 * @param monitor the resource of Azure Monitor
 */
public record Cloud(String vaults, String vault, String monitor) {
  private static final Cloud PUBLIC =
      new Cloud(".vault.azure.net", "https://vault.azure.net", "https://monitor.azure.com");
  private static final Cloud US_GOVERNMENT =
      new Cloud(
          ".vault.usgovcloudapi.net",
          "https://vault.usgovcloudapi.net",
          "https://monitor.azure.us");
  private static final Cloud CHINA =
      new Cloud(".vault.azure.cn", "https://vault.azure.cn", "https://monitor.azure.cn");

  static Cloud of(URI authority) {
    return switch (String.valueOf(authority.getHost()).toLowerCase(Locale.ROOT)) {
      case "login.microsoftonline.com" -> PUBLIC;
      case "login.microsoftonline.us" -> US_GOVERNMENT;
      case "login.partner.microsoftonline.cn", "login.chinacloudapi.cn" -> CHINA;
      default ->
          new Cloud(
              authority.getScheme() + "://" + authority.getAuthority(),
              PUBLIC.vault,
              PUBLIC.monitor);
    };
  }

  /** Whether a token for Key Vault may be sent there. */
  public boolean isVault(URI address) {
    if (!vaults.startsWith(".")) {
      return vaults.equals(address.getScheme() + "://" + address.getAuthority());
    }
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    return "https".equals(address.getScheme())
        && address.getPort() == -1
        && address.getRawUserInfo() == null
        && host.endsWith(vaults)
        && host.substring(0, host.length() - vaults.length()).matches("[a-z0-9-]{3,24}");
  }

  /** Whether a token for Azure Monitor may be sent there, to be given records. */
  public boolean isIngestion(URI address) {
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    if (!vaults.startsWith(".")) {
      return host.equals(URI.create(vaults).getHost());
    }
    return "https".equals(address.getScheme())
        && address.getPort() == -1
        && address.getRawUserInfo() == null
        && host.endsWith(".ingest." + URI.create(monitor).getHost());
  }

  /** Where a vault of this cloud is, for people. */
  public String example() {
    return vaults.startsWith(".") ? "https://NAME" + vaults : vaults;
  }
}
