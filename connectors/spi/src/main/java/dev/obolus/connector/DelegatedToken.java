// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

/**
 * A token for one resource, exchanged for the person. It lives inside {@link DelegatedAccess#call}
 * and nowhere else.
 *
 * <p>Guarantees: no {@code toString}, {@code equals} or serialisation shows the text.
 */
public final class DelegatedToken {
  private final String text;

  public DelegatedToken(String text) {
    this.text = text;
  }

  /** The value of an {@code Authorization} header: {@code Bearer …}. */
  public String authorizationHeader() {
    return "Bearer " + text;
  }

  @Override
  public String toString() {
    return "DelegatedToken[…]";
  }
}
