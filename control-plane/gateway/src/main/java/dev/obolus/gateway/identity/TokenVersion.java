// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.Optional;

/** Entra's two formats of access tokens, told apart by {@code ver}. */
enum TokenVersion {
  V1("1.0", ""),
  V2("2.0", "/v2.0");

  private final String word;
  private final String path;

  TokenVersion(String word, String path) {
    this.word = word;
    this.path = path;
  }

  static Optional<TokenVersion> of(String word) {
    for (TokenVersion version : values()) {
      if (version.word.equals(word)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  /** Where the metadata of this version lies below a tenant's path. */
  String metadataPath() {
    return path + "/.well-known/openid-configuration";
  }
}
