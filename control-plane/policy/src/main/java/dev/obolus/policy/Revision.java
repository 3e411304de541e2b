// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

/**
 * Names a policy revision: the SHA-256 of its content, 64 lower-case hex digits. People see the
 * first 12.
 */
public record Revision(String digest) {
  /** No revision decided: the engine had none, or could not use it. */
  public static final Revision NONE = new Revision("0".repeat(64));

  public Revision {
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("a revision is 64 hex digits");
    }
  }

  public String brief() {
    return digest.substring(0, 12);
  }
}
