// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure.vault;

import dev.obolus.azure.Cloud;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identifier of a key or a secret, such as {@code https://NAME.vault.azure.net/keys/kek}.
 *
 * <p>Guarantees: its vault is one of the configured cloud's.
 *
 * @param vault its address without a path
 * @param version empty for the newest
 */
public record VaultId(URI vault, Kind kind, String name, String version) {
  private static final Pattern PATH =
      Pattern.compile("/(keys|secrets)/([0-9a-zA-Z-]{1,127})(?:/([0-9a-f]{32}))?/?");

  /** What is kept in a vault. */
  public enum Kind {
    KEY("keys"),
    SECRET("secrets");

    private final String segment;

    Kind(String segment) {
      this.segment = segment;
    }
  }

  /**
   * Reads an identifier.
   *
   * @throws IllegalArgumentException with a sentence, where it is none, or its host is not a vault
   *     of this cloud
   */
  public static VaultId parse(String text, Kind kind, Cloud cloud) {
    URI address;
    try {
      address = URI.create(text.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not the identifier of a " + word(kind), e);
    }
    Matcher path = PATH.matcher(String.valueOf(address.getRawPath()));
    if (address.getRawQuery() != null
        || address.getRawFragment() != null
        || !path.matches()
        || !path.group(1).equals(kind.segment)) {
      throw new IllegalArgumentException(
          "not the identifier of a "
              + word(kind)
              + ": it looks like "
              + cloud.example()
              + "/"
              + kind.segment
              + "/NAME/VERSION");
    }
    if (!cloud.isVault(address)) {
      throw new IllegalArgumentException(
          "not a vault of this cloud: "
              + address.getHost()
              + "; its vaults are like "
              + cloud.example());
    }
    String version = path.group(3) == null ? "" : path.group(3);
    return new VaultId(
        URI.create(address.getScheme() + "://" + address.getRawAuthority()),
        kind,
        path.group(2),
        version);
  }

  private static String word(Kind kind) {
    return kind == Kind.KEY ? "key" : "secret";
  }

  VaultId named(String otherName, String otherVersion) {
    return new VaultId(vault, kind, otherName, otherVersion);
  }

  /** The path below the vault. */
  String path() {
    return "/" + kind.segment + "/" + name + (version.isEmpty() ? "" : "/" + version);
  }

  /** As it may be shown to anybody. */
  @Override
  public String toString() {
    return vault + path();
  }
}
