// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The right edge of a growing tree: the unfinished tile of each level, which is all that is needed
 * to add leaves and to know the root. Not for several threads.
 */
public final class TreeEdge {
  /** Hashes in a full tile. */
  public static final int WIDTH = 256;

  private final Rfc6962 hashing = new Rfc6962();
  private final List<byte[]> partial = new ArrayList<>();
  private long size;

  /** The edge of a tree without leaves. */
  public TreeEdge() {}

  /** The edge of the tree of that size, read from its tiles. */
  public static TreeEdge of(long size, Tiles tiles) throws java.io.IOException {
    TreeEdge edge = new TreeEdge();
    edge.size = size;
    for (int level = 0; size >> (8 * level) > 0; level++) {
      int width = (int) ((size >> (8 * level)) % WIDTH);
      edge.partial.add(
          width == 0 ? new byte[0] : tiles.read(level, (size >> (8 * level)) / WIDTH, width));
    }
    return edge;
  }

  public TreeEdge copy() {
    TreeEdge copy = new TreeEdge();
    copy.partial.addAll(partial);
    copy.size = size;
    return copy;
  }

  public long size() {
    return size;
  }

  /** Adds an entry; answers the tiles that it filled, lowest level first. */
  public List<Tile> add(byte[] entry) {
    return addLeaf(hashing.leaf(entry));
  }

  /** Adds a leaf by its hash; answers the tiles that it filled. */
  public List<Tile> addLeaf(byte[] leaf) {
    List<Tile> filled = new ArrayList<>(0);
    byte[] hash = leaf;
    for (int level = 0; ; level++) {
      if (level == partial.size()) {
        partial.add(new byte[0]);
      }
      byte[] tile = Arrays.copyOf(partial.get(level), partial.get(level).length + Rfc6962.LENGTH);
      System.arraycopy(hash, 0, tile, tile.length - Rfc6962.LENGTH, Rfc6962.LENGTH);
      if (tile.length < WIDTH * Rfc6962.LENGTH) {
        partial.set(level, tile);
        size++;
        return filled;
      }
      filled.add(new Tile(level, size >> (8 * (level + 1)), Bytes.of(tile)));
      partial.set(level, new byte[0]);
      hash = hashing.fold(tile, 0, WIDTH);
    }
  }

  /** The hash of an entry. */
  public static byte[] leafOf(byte[] entry) {
    return new Rfc6962().leaf(entry);
  }

  /** The root over a full tile. */
  public static byte[] rootOf(byte[] tile) {
    return new Rfc6962().fold(tile, 0, WIDTH);
  }

  /** The root of the tree as it is. */
  public Bytes root() {
    byte[] root = null;
    for (byte[] tile : partial) {
      int width = tile.length / Rfc6962.LENGTH;
      for (int bit = 1; bit < WIDTH; bit <<= 1) {
        if ((width & bit) != 0) {
          int from = width & -(bit << 1);
          byte[] subtree = hashing.fold(tile, from, bit);
          root = root == null ? subtree : hashing.node(subtree, root);
        }
      }
    }
    return Bytes.of(root == null ? hashing.empty() : root);
  }

  /**
   * A full tile: hashes of 256 subtrees of the level, the tile-th of that level.
   *
   * @param hashes 8,192 bytes
   */
  public record Tile(int level, long tile, Bytes hashes) {}
}
