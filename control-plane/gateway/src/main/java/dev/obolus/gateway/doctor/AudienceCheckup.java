// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the gateway's API is called: by its client id, and by App ID URIs. An MCP client asks for
 * the address that it calls (RFC 8707, {@code resource}), which Entra knows only as an App ID URI.
 */
final class AudienceCheckup implements Checkup {
  private static final String WHAT = "audience";
  private static final String RESOURCE = "resource of MCP clients";
  private static final Pattern CLIENT_ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Set<String> audiences;

  AudienceCheckup(Set<String> audiences) {
    this.audiences = new TreeSet<>(audiences);
  }

  @Override
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    audiences.stream()
        .filter(audience -> !isClientId(audience) && !isAbsolute(audience))
        .forEach(audience ->
            findings.add(
                Finding.fault(
                    WHAT,
                    audience + " is neither a client id nor an absolute URI.",
                    "No token can name it: write the App ID URI as it is registered.")));
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              WHAT,
              "Taken, with and without a slash at the end: " + String.join(", ", audiences) + "."));
    }
    findings.add(resource());
    return findings;
  }

  private Finding resource() {
    List<String> addresses =
        audiences.stream().filter(audience -> audience.startsWith("https://")).toList();
    return addresses.isEmpty()
        ? Finding.ok(
            RESOURCE,
            "None can be named: no audience is an https address. This gateway has no MCP endpoint yet; for one, its address is to be an App ID URI of the registration and one of obolus.identity.audiences.")
        : Finding.warning(
            RESOURCE,
            "An MCP client's resource (RFC 8707) is to equal "
                + String.join(" or ", addresses)
                + ". This gateway has no MCP endpoint yet: that its address is the same cannot be examined.",
            "Compare it with the address that MCP clients are to call.");
  }

  static boolean isClientId(String audience) {
    return CLIENT_ID.matcher(audience).matches();
  }

  private static boolean isAbsolute(String audience) {
    try {
      URI uri = URI.create(audience);
      return uri.isAbsolute() && uri.getRawFragment() == null && uri.getRawQuery() == null;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
