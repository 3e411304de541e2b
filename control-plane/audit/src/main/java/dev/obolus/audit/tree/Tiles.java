// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import java.io.IOException;

/** Where a tree's tiles are read, full and unfinished ones. */
@FunctionalInterface
public interface Tiles {

  /**
   * The first {@code width} hashes of a tile, 32 bytes each.
   *
   * @param level 0 for leaves
   * @param tile counted from 0
   * @param width 1 to 256
   */
  byte[] read(int level, long tile, int width) throws IOException;
}
