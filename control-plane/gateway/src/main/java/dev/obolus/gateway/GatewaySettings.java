// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the whole gateway goes by.
 *
 * @param environment the deployment's name; {@code demo} wherever the sandbox's issuer is trusted
 * @param httpAllowedHosts beside loopback, the only hosts that may be spoken to in clear
 */
@ConfigurationProperties("obolus")
public record GatewaySettings(
    @DefaultValue("production") String environment,
    @DefaultValue Set<String> httpAllowedHosts,
    @DefaultValue Limits limits) {

  /** Whether this host may be spoken to in clear: this machine, or one that was named. */
  public boolean mayBePlain(String host) {
    return Hosts.isLoopback(host) || httpAllowedHosts.contains(host);
  }

  /**
   * @param bodyBytes of a request
   * @param bodyTimeout within which a body must have come
   * @param rate requests a second of one person through one client, over time
   * @param burst the same at once
   * @param rejections the interval over which strangers are counted
   */
  public record Limits(
      @DefaultValue("131072") int bodyBytes,
      @DefaultValue("10s") Duration bodyTimeout,
      @DefaultValue("100") int rate,
      @DefaultValue("200") int burst,
      @DefaultValue("10s") Duration rejections) {}
}
