// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where operators sign in.
 *
 * @param authority the identity provider as this process reaches it
 * @param browserAuthority the same as browsers reach it
 * @param issuer the tenant's issuer, exactly
 * @param scope of the operator API
 * @param operatorAudience the operator API's client id, the audience of its tokens
 * @param publicUrl the console's own address, where it is not this machine's loopback
 * @param patience how long the identity provider may take
 */
public record SignInSettings(
    URI authority,
    URI browserAuthority,
    String issuer,
    String tenant,
    String clientId,
    Path clientSecretFile,
    String scope,
    String operatorAudience,
    Optional<URI> publicUrl,
    Duration patience) {

  URI at(String path) {
    return URI.create(trimmed(authority) + "/" + tenant + path);
  }

  URI forBrowsers(String path) {
    return URI.create(trimmed(browserAuthority) + "/" + tenant + path);
  }

  boolean https() {
    return publicUrl.filter(url -> url.getScheme().equals("https")).isPresent();
  }

  private static String trimmed(URI authority) {
    return authority.toString().replaceAll("/+$", "");
  }
}
