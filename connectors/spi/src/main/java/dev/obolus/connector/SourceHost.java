// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The one host that a connector talks to.
 *
 * <p>Guarantees: every address is made from this host and our own paths, never from a link that a
 * source wrote; plain http goes only to loopback or to a host that configuration names.
 */
public record SourceHost(URI base) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * @param host with or without {@code https://}
   * @param plainHosts hosts that may be reached without TLS
   * @throws IllegalArgumentException where it is anything but a host
   */
  public static SourceHost of(String host, List<String> plainHosts) {
    URI base = URI.create(host.contains("://") ? host : "https://" + host);
    String name = base.getHost();
    if (name == null
        || base.getUserInfo() != null
        || base.getQuery() != null
        || base.getFragment() != null
        || !Set.of("", "/").contains(base.getPath())) {
      throw new IllegalArgumentException("host is to be https://name, without path or user");
    }
    boolean plain = "http".equals(base.getScheme());
    if (!plain && !"https".equals(base.getScheme())) {
      throw new IllegalArgumentException("host is to be https://name");
    }
    if (plain && !isLoopback(name) && !plainHosts.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "plain http only reaches loopback, or a host in obolus.http-allowed-hosts");
    }
    return new SourceHost(URI.create(base.getScheme() + "://" + base.getRawAuthority()));
  }

  public boolean isTls() {
    return "https".equals(base.getScheme());
  }

  /**
   * @param path of our own, beginning with a slash
   */
  public URI resolve(String path) {
    return URI.create(base + path);
  }

  /** A name that resolves to a link-local address leads to a machine's own metadata service. */
  public List<? extends SocketAddress> permitted(List<? extends SocketAddress> addresses) {
    return addresses.stream()
        .filter(address -> address instanceof InetSocketAddress inet && isPermitted(inet))
        .toList();
  }

  private boolean isPermitted(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    boolean fromName =
        isTls() && ip != null && ip.isLoopbackAddress() && !isLoopback(base.getHost());
    return ip != null
        && !fromName
        && !ip.isLinkLocalAddress()
        && !ip.isMulticastAddress()
        && !ip.isAnyLocalAddress();
  }

  private static boolean isLoopback(String name) {
    return LOOPBACK.contains(name.toLowerCase(Locale.ROOT));
  }
}
