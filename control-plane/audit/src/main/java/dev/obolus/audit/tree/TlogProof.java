// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.util.Base64;
import java.util.List;

/**
 * A C2SP tlog-proof: that an entry is in a log, to be checked by anybody, offline.
 *
 * @param entry the entry itself, as the file's extra data
 * @param index counted from 0
 * @param path from the leaf's sibling to the root's child
 * @param checkpoint with its signatures and cosignatures
 */
public record TlogProof(Bytes entry, long index, List<Bytes> path, SignedNote checkpoint) {
  public TlogProof {
    path = List.copyOf(path);
  }

  /** The file's content. */
  @Override
  public String toString() {
    Base64.Encoder base64 = Base64.getEncoder();
    StringBuilder proof = new StringBuilder("c2sp.org/tlog-proof@v1\n");
    proof.append("extra ").append(base64.encodeToString(entry.toArray())).append('\n');
    proof.append("index ").append(index).append('\n');
    path.forEach(hash -> proof.append(base64.encodeToString(hash.toArray())).append('\n'));
    return proof.append('\n').append(checkpoint).toString();
  }
}
