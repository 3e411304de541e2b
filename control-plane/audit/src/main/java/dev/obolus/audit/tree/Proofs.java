// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Proofs of RFC 6962, sections 2.1.1 and 2.1.2, from tiles. Not for several threads. */
public final class Proofs {
  private final Rfc6962 hashing = new Rfc6962();
  private final Tiles tiles;
  private final long size;

  /**
   * @param size of the tree that is proven from
   */
  public Proofs(Tiles tiles, long size) {
    this.tiles = tiles;
    this.size = size;
  }

  /**
   * That the entry at {@code index} is in the tree: from the leaf's sibling to the root's child.
   */
  public List<Bytes> inclusion(long index) throws IOException {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no entry " + index + " in a tree of " + size);
    }
    List<Bytes> path = new ArrayList<>();
    long from = 0;
    long to = size;
    while (to - from > 1) {
      long middle = from + split(to - from);
      if (index < middle) {
        path.add(Bytes.of(root(middle, to)));
        to = middle;
      } else {
        path.add(Bytes.of(root(from, middle)));
        from = middle;
      }
    }
    Collections.reverse(path);
    return path;
  }

  /** That the tree of size {@code old} is the beginning of this one; empty for 0 and for equal. */
  public List<Bytes> consistency(long old) throws IOException {
    if (old < 0 || old > size) {
      throw new IllegalArgumentException("no tree of " + old + " in one of " + size);
    }
    List<Bytes> path = new ArrayList<>();
    if (old == 0 || old == size) {
      return path;
    }
    long from = 0;
    long to = size;
    boolean whole = true;
    while (to != old) {
      long middle = from + split(to - from);
      if (old <= middle) {
        path.add(Bytes.of(root(middle, to)));
        to = middle;
      } else {
        path.add(Bytes.of(root(from, middle)));
        from = middle;
        whole = false;
      }
    }
    if (!whole) {
      path.add(Bytes.of(root(from, to)));
    }
    Collections.reverse(path);
    return path;
  }

  /** The tree's root. */
  public Bytes root() throws IOException {
    return Bytes.of(size == 0 ? hashing.empty() : root(0, size));
  }

  private byte[] root(long from, long to) throws IOException {
    long count = to - from;
    if (Long.bitCount(count) == 1) {
      return perfect(Long.numberOfTrailingZeros(count), from / count);
    }
    long middle = from + split(count);
    return hashing.node(root(from, middle), root(middle, to));
  }

  private byte[] perfect(int height, long index) throws IOException {
    int level = height / 8;
    int count = 1 << (height % 8);
    long first = index * count;
    long tile = first / TreeEdge.WIDTH;
    long there = (size >> (8 * level)) - tile * TreeEdge.WIDTH;
    int width = (int) Math.min(TreeEdge.WIDTH, there);
    return hashing.fold(tiles.read(level, tile, width), (int) (first % TreeEdge.WIDTH), count);
  }

  /** The largest power of two below. */
  private static long split(long count) {
    return Long.highestOneBit(count - 1);
  }
}
