// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

/**
 * A token of Obolus's own.
 *
 * <p>Guarantees: shown by {@link #reveal()} only.
 */
public final class AccessToken {
  private final String text;

  AccessToken(String text) {
    this.text = text;
  }

  /** The token, for the one request that carries it. */
  public String reveal() {
    return text;
  }

  @Override
  public String toString() {
    return "AccessToken[]";
  }
}
