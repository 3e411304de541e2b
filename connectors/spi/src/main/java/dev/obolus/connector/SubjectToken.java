// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import com.google.errorprone.annotations.RestrictedApi;
import java.time.Instant;

/**
 * The access token that the caller presented.
 *
 * <p>Guarantees: the text leaves by {@link #reveal} only, and the build lets only the OBO primitive
 * call that; no {@code toString}, {@code equals} or serialisation shows it.
 */
public final class SubjectToken {
  private final String text;
  private final Instant expiresAt;

  public SubjectToken(String text, Instant expiresAt) {
    this.text = text;
    this.expiresAt = expiresAt;
  }

  @RestrictedApi(
      explanation = "connectors never see the subject token",
      allowedOnPath = ".*/connector/obo/.*")
  public String reveal() {
    return text;
  }

  public Instant expiresAt() {
    return expiresAt;
  }

  @Override
  public String toString() {
    return "SubjectToken[…]";
  }
}
