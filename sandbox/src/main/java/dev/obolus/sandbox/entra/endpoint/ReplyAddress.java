// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.App;
import java.net.URI;

/** Where a sign-in may lead back to: this machine, whatever the application. */
final class ReplyAddress {
  private static final String CONSOLE_PATH = "/login/oauth2/code/obolus";

  private ReplyAddress() {}

  /** The console has one path; native clients have any. */
  static boolean isOf(App client, String address) {
    return isLoopback(address)
        && (!client.name().equals("console") || CONSOLE_PATH.equals(URI.create(address).getPath()));
  }

  /** A web address on this machine. */
  static boolean isLoopback(String address) {
    try {
      URI uri = URI.create(address);
      String host = uri.getHost() == null ? "" : uri.getHost();
      boolean loopback =
          host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]");
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return loopback && web && uri.getFragment() == null && uri.getUserInfo() == null;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Scheme, host and port, for a page's content security policy. */
  static String origin(String address) {
    URI uri = URI.create(address);
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  /** The address with parameters added. */
  static String with(String address, String parameters) {
    return address + (address.contains("?") ? "&" : "?") + parameters;
  }
}
