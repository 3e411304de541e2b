// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
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

  /** A chain's newest record, and the id of the key that it is sealed with. */
  public record Earlier(Sealable.Head head, String keyId) {}

  /**
   * All that is needed to open a chain of this id.
   *
   * @param newest chains before it, the newest first: the first whose key is held gives its word
   */
  public IssuedKey issue(ChainId chain, int epoch, List<Earlier> newest) {
    ChainKey key = root.chainKey(epoch, chain);
    Optional<Sealable.Handover> handover =
        newest.stream().flatMap(earlier -> handOver(earlier, chain, key).stream()).findFirst();
    return new IssuedKey(
        chain, epoch, key, all().stream().map(RootKey::handleKey).toList(), handover, revoked);
  }

  private Optional<Sealable.Handover> handOver(Earlier earlier, ChainId next, ChainKey nextKey) {
    return find(earlier.head().chain(), earlier.keyId())
        .map(key -> key.handOver(earlier.head(), next, Bytes.of(nextKey.commitment())));
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
