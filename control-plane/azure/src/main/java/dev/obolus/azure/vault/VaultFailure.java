// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure.vault;

import java.io.IOException;
import java.util.Locale;

/**
 * A vault did not do what was asked.
 *
 * <p>Guarantees: the sentence holds what was asked for and the vault's own word for the refusal,
 * never its message, never a value.
 */
public final class VaultFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** Which kind of failure, the same word wherever it is told. */
  public enum Code {
    /** The vault does not take the token at all: another tenant's, mostly. */
    VAULT_UNAUTHENTICATED,
    /** No right to do that, or the vault's network is closed, or the version is disabled. */
    VAULT_FORBIDDEN,
    VAULT_NOT_FOUND,
    /** Too many requests, also after having waited. */
    VAULT_THROTTLED,
    /** No answer in time, or one that says later. */
    VAULT_UNAVAILABLE,
    /** An answer that is none. */
    VAULT_MALFORMED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  VaultFailure(Code code, String sentence) {
    super(code.word() + ": " + sentence);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
