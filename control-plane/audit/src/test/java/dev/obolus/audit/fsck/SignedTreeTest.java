// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way from an entry to a signed root, in a tree that has a full tile above its leaves. */
class SignedTreeTest {
  private static final int SIZE = 65_536 + 3 * 256;

  @TempDir private Path folder;

  @Test
  void everyEntryLeadsToTheRootAndNoOtherLeafDoes() throws Exception {
    SigningKey key =
        SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    PublicKeys trusted = PublicKeys.of(key.logKeys().stream().map(NoteKey::toString).toList());
    try (Connection connection = LogFixture.fresh(folder).database().asSuperuser()) {
      store(connection, key);
      StoredTree stored = new StoredTree(connection);
      SignedTree tree = SignedTree.newest(connection, stored, trusted).orElseThrow();
      for (long index : new long[] {0, 1, 255, 256, 40_000, 65_535, 65_536, 66_000, SIZE - 1}) {
        assertThat(tree.holds(index, leaf(index))).as("entry " + index).isTrue();
        assertThat(tree.holds(index, leaf(index + 1))).as("not entry " + index).isFalse();
      }
      assertThat(tree.covers(SIZE)).isFalse();
      assertThat(tree.holds(SIZE, leaf(SIZE))).isFalse();
      try (Statement statement = connection.createStatement()) {
        int _ = statement.executeUpdate("DELETE FROM obolus.audit_tile WHERE level = 1");
      }
      SignedTree without = SignedTree.newest(connection, stored, trusted).orElseThrow();
      assertThatThrownBy(() -> without.holds(0, leaf(0))).hasMessageContaining("tile 1/0");
    }
  }

  private static void store(Connection connection, SigningKey key) throws Exception {
    Map<String, ByteArrayOutputStream> tiles = new TreeMap<>();
    MerkleTree[] tree = new MerkleTree[1];
    tree[0] =
        new MerkleTree((level, hash) -> {
          long number = ((tree[0].size() + 1) >> (8 * level)) - 1;
          tiles
              .computeIfAbsent(level + "/" + number / 256, any -> new ByteArrayOutputStream())
              .writeBytes(hash);
        });
    for (int i = 0; i < SIZE; i++) {
      tiles.computeIfAbsent("0/" + i / 256, any -> new ByteArrayOutputStream()).writeBytes(leaf(i));
      tree[0].add(leaf(i));
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_tile (level, tile, hashes) VALUES (?, ?, ?)")) {
      for (Map.Entry<String, ByteArrayOutputStream> tile : tiles.entrySet()) {
        if (tile.getValue().size() == 256 * MerkleTree.HASH) {
          String[] name = tile.getKey().split("/", -1);
          insert.setInt(1, Integer.parseInt(name[0]));
          insert.setLong(2, Long.parseLong(name[1]));
          insert.setBytes(3, tile.getValue().toByteArray());
          insert.addBatch();
        }
      }
      int[] _ = insert.executeBatch();
    }
    String note =
        key.sign(new Checkpoint("obolus/test", SIZE, Bytes.of(tree[0].root())), Instant.now())
            .toString();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO obolus.audit_checkpoint (size, signed_us, note) VALUES (?, 0, ?)")) {
      insert.setLong(1, SIZE);
      insert.setString(2, note);
      int _ = insert.executeUpdate();
    }
  }

  private static byte[] leaf(long index) {
    return new MerkleTree((level, hash) -> {})
        .leaf(ByteBuffer.allocate(Long.BYTES).putLong(index).array());
  }
}
