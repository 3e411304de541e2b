// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import java.security.MessageDigest;

/** What the canonical bytes say of a personal value without saying it. */
public final class Commitments {
  private static final byte[] COMMIT = Crypto.domain("commit");

  private Commitments() {}

  /**
   * SHA-256 over domain, field number, salt and value.
   *
   * @param salted the salt, 16 bytes, then the value
   */
  public static Bytes of(Tag tag, byte[] salted) {
    MessageDigest sha256 = Crypto.sha256();
    sha256.update(COMMIT);
    sha256.update((byte) (tag.number() >>> 8));
    sha256.update((byte) tag.number());
    return Bytes.of(sha256.digest(salted));
  }
}
