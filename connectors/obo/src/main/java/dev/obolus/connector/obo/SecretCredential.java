// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.nio.file.Path;
import java.util.Map;

/** A client secret from a file, read again when Entra no longer takes it. */
final class SecretCredential implements ClientCredential {
  private final Path file;
  private volatile String secret;

  SecretCredential(Path file) {
    this.file = file;
    this.secret = SecretFile.read(file);
  }

  @Override
  public Map<String, String> proof(String tokenEndpoint) {
    return Map.of("client_secret", secret);
  }

  @Override
  public boolean renew() {
    String before = secret;
    secret = SecretFile.read(file);
    return !before.equals(secret);
  }

  @Override
  public String toString() {
    return "SecretCredential[" + file + "]";
  }
}
