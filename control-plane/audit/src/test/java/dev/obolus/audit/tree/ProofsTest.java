// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.MerkleProof;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proofs that one implementation makes and another checks, for trees of every shape up to 300. */
class ProofsTest {
  private static final int MOST = 300;

  private final TreeEdgeTest.Store store = new TreeEdgeTest.Store();
  private final List<Bytes> roots = new ArrayList<>();

  ProofsTest() {
    TreeEdge edge = new TreeEdge();
    roots.add(edge.root());
    for (int i = 0; i < MOST; i++) {
      store.add(edge, TreeEdgeTest.entry(i));
      roots.add(edge.root());
    }
  }

  @Test
  void everyEntryIsProvenAndNoOther() throws IOException {
    for (int size : new int[] {1, 2, 3, 7, 8, 255, 256, 257, MOST}) {
      Proofs proofs = new Proofs(store.at(size), size);
      byte[] root = roots.get(size).toArray();
      for (int index = 0; index < size; index++) {
        List<byte[]> path = bytes(proofs.inclusion(index));
        byte[] leaf = store.leaves.get(index);
        assertThat(MerkleProof.included(leaf, index, size, root, path)).isTrue();
        assertThat(MerkleProof.included(leaf, index + 1, size, root, path)).isFalse();
        assertThat(MerkleProof.included(new byte[32], index, size, root, path)).isFalse();
      }
    }
  }

  @Test
  void everyTreeIsTheBeginningOfALargerOneAndOfNoOther() throws IOException {
    for (int size : new int[] {1, 2, 3, 6, 8, 200, 256, 257, MOST}) {
      Proofs proofs = new Proofs(store.at(size), size);
      byte[] root = roots.get(size).toArray();
      for (int old = 0; old <= size; old++) {
        List<byte[]> path = bytes(proofs.consistency(old));
        assertThat(path.size()).isLessThanOrEqualTo(63);
        byte[] older = roots.get(old).toArray();
        assertThat(MerkleProof.consistent(old, older, size, root, path)).isTrue();
        if (old > 0) {
          assertThat(MerkleProof.consistent(old, new byte[32], size, root, path)).isFalse();
          assertThat(MerkleProof.consistent(old, older, size, new byte[32], path)).isFalse();
        }
      }
    }
  }

  private static List<byte[]> bytes(List<Bytes> path) {
    return path.stream().map(Bytes::toArray).toList();
  }
}
