// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Roots as other implementations of RFC 6962 compute them, and tiles that give them again. */
class TreeEdgeTest {
  private static final String[] ENTRIES = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f"
  };
  private static final String[] ROOTS = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
  };

  @Test
  void rootsAreThoseOfCertificateTransparency() {
    TreeEdge edge = new TreeEdge();
    assertThat(edge.root().hex()).isEqualTo(ROOTS[0]);
    for (int i = 0; i < ENTRIES.length; i++) {
      assertThat(edge.add(HexFormat.of().parseHex(ENTRIES[i]))).isEmpty();
      assertThat(edge.root().hex()).isEqualTo(ROOTS[i + 1]);
    }
  }

  @Test
  void anEdgeReadFromTilesGoesOnAsTheOneThatWroteThem() throws IOException {
    Store store = new Store();
    TreeEdge edge = new TreeEdge();
    for (int i = 0; i < 70_000; i++) {
      if (i == 255 || i == 256 || i == 257 || i == 65_536 || i == 66_000) {
        TreeEdge again = TreeEdge.of(i, store.at(i));
        assertThat(again.root()).isEqualTo(edge.root());
        assertThat(new Proofs(store.at(i), i).root()).isEqualTo(edge.root());
      }
      store.add(edge, entry(i));
    }
    assertThat(store.full).hasSize(273 + 1);
  }

  static byte[] entry(int i) {
    return ("entry " + i).getBytes(StandardCharsets.US_ASCII);
  }

  /** Full tiles as the edge gave them, unfinished ones from the leaves. */
  static final class Store {
    final Map<String, Bytes> full = new HashMap<>();
    final List<byte[]> leaves = new ArrayList<>();

    void add(TreeEdge edge, byte[] entry) {
      leaves.add(TreeEdge.leafOf(entry));
      edge.add(entry).forEach(tile -> full.put(tile.level() + "/" + tile.tile(), tile.hashes()));
    }

    Tiles at(long size) {
      return (level, tile, width) -> {
        assertThat((tile * 256 + width) << (8 * level)).isLessThanOrEqualTo(size);
        Bytes whole = full.get(level + "/" + tile);
        if (whole != null) {
          return java.util.Arrays.copyOf(whole.toArray(), width * 32);
        }
        byte[] hashes = new byte[width * 32];
        for (int i = 0; i < width; i++) {
          byte[] hash =
              level == 0
                  ? leaves.get((int) (tile * 256 + i))
                  : TreeEdge.rootOf(at(size).read(level - 1, tile * 256 + i, 256));
          System.arraycopy(hash, 0, hashes, i * 32, 32);
        }
        return hashes;
      };
    }
  }
}
