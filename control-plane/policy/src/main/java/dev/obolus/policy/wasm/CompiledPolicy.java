// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.Revision;
import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.Facts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Everything that decides: the module, the facts, the reason catalogue.
 *
 * <p>Guarantees: immutable; the revision is the SHA-256 over the three, each preceded by its length
 * (eight bytes, big-endian).
 */
public final class CompiledPolicy {
  private final byte[] wasm;
  private final Facts facts;
  private final Catalogue catalogue;
  private final Revision revision;

  public CompiledPolicy(byte[] wasm, Facts facts, Catalogue catalogue) {
    this.wasm = wasm.clone();
    this.facts = facts;
    this.catalogue = catalogue;
    this.revision = new Revision(digest(this.wasm, facts.json(), catalogue.json()));
  }

  byte[] wasm() {
    return wasm.clone();
  }

  public Facts facts() {
    return facts;
  }

  public Catalogue catalogue() {
    return catalogue;
  }

  public Revision revision() {
    return revision;
  }

  /** The same rules on other facts: another revision. */
  public CompiledPolicy withFacts(Facts other) {
    return new CompiledPolicy(wasm, other, catalogue);
  }

  private static String digest(byte[] wasm, String facts, String catalogue) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      update(sha256, wasm);
      update(sha256, facts.getBytes(StandardCharsets.UTF_8));
      update(sha256, catalogue.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(part.length).flip());
    digest.update(part);
  }
}
