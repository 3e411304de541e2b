// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.ChainId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The root key that seals, the older ones that sealed before it, and those that must seal no more.
 *
 * @param root the one that new chains are sealed under
 * @param previous held to hand over from, and to recompute what was sealed under them
 * @param revoked ids of root keys
 */
public record Keyring(RootKey root, List<RootKey> previous, List<String> revoked) {
  public Keyring {
    previous = List.copyOf(previous);
    revoked = List.copyOf(revoked);
    if (revoked.contains(root.id())) {
      throw new IllegalArgumentException("the root key in use is revoked: " + root.id());
    }
    for (String id : revoked) {
      if (!id.matches("[0-9a-f]{8}")) {
        throw new IllegalArgumentException("a root key's id is eight hex digits: " + id);
      }
    }
  }

  /** One key and no history. */
  public static Keyring of(RootKey root) {
    return new Keyring(root, List.of(), List.of());
  }

  /** Every root key that is held. */
  public List<RootKey> all() {
    List<RootKey> all = new ArrayList<>(List.of(root));
    all.addAll(previous);
    return all;
  }

  /** The key of a chain by its id, if its root is held and not revoked. */
  public Optional<ChainKey> find(ChainId chain, String keyId) {
    return all().stream()
        .filter(held -> !revoked.contains(held.id()))
        .filter(held -> keyId.matches(held.id() + "-[0-9]{6}"))
        .map(held -> held.chainKey(Integer.parseInt(keyId.substring(9)), chain))
        .findFirst();
  }
}
