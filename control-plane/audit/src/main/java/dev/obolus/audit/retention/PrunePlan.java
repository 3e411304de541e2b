// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.retention;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What a prune would remove, named exactly.
 *
 * @param epoch the month of the records, {@code yyyymm}
 * @param tenants whose records go, or went before
 * @param chains as {@link dev.obolus.audit.AuditEvent.Pruned#chains()} names them
 * @param tree the newest checkpoint: {@code size root}
 * @param records how many are in the log still and would go
 * @param more whether other chains of that month are left for a next prune
 */
public record PrunePlan(
    int epoch, List<String> tenants, List<String> chains, String tree, long records, boolean more) {
  public PrunePlan {
    tenants = List.copyOf(tenants);
    chains = List.copyOf(chains);
  }

  /**
   * What the second operator agrees to: epoch, tenants and chains, in 32 hex digits. The tree goes
   * on growing between a proposal and its approval, so it is not in it.
   */
  public String digest() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      String all =
          epoch + "\n" + String.join(" ", tenants) + "\n" + String.join("\n", chains) + "\n";
      return HexFormat.of().formatHex(sha256.digest(all.getBytes(StandardCharsets.UTF_8)), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Why nothing of that month can be pruned yet, in a sentence. */
  public static final class NotYet extends Exception {
    private static final long serialVersionUID = 1L;

    NotYet(String sentence) {
      super(sentence, null, false, false);
    }
  }
}
