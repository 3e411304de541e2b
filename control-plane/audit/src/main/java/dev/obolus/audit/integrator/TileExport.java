// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.TlogProof;
import dev.obolus.audit.tree.TreeEdge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Hands the tree over: as a folder laid out as C2SP tlog-tiles, or as one record's tlog-proof.
 * Blocks.
 */
public final class TileExport {
  private static final int MAX_ENTRY = 0xFFFF;

  private final TreeStore store;
  private final SignedNote note;
  private final long size;

  private TileExport(TreeStore store, SignedNote note, long size) {
    this.store = store;
    this.note = note;
    this.size = size;
  }

  /** Of the newest checkpoint, with its cosignatures, if there is one. */
  public static Optional<TileExport> newest(TreeStore store) throws SQLException {
    Optional<TreeStore.Signed> newest = store.newest();
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    TreeStore.Signed signed = newest.get();
    SignedNote note = signed.note().with(store.cosignatures(signed.size()));
    return Optional.of(new TileExport(store, note, signed.size()));
  }

  /** Of the newest checkpoint that a witness cosigned, if there is one. */
  public static Optional<TileExport> newestCosigned(TreeStore store) throws SQLException {
    Optional<Long> size = store.newestCosigned();
    if (size.isEmpty()) {
      return Optional.empty();
    }
    TreeStore.Signed signed = store.ofSize(size.get()).orElseThrow();
    SignedNote note = signed.note().with(store.cosignatures(signed.size()));
    return Optional.of(new TileExport(store, note, signed.size()));
  }

  /** How many entries the tree has. */
  public long size() {
    return size;
  }

  /** The proof of a record, if the checkpoint covers it and it was not pruned. */
  public Optional<TlogProof> proof(ChainId chain, long seq) throws SQLException, IOException {
    Optional<Long> index = store.indexOf(chain, seq).filter(found -> found < size);
    if (index.isEmpty()) {
      return Optional.empty();
    }
    byte[] entry = store.stored(index.get(), 1).getFirst();
    if (entry.length == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new TlogProof(
            Bytes.of(entry), index.get(), new Proofs(store, size).inclusion(index.get()), note));
  }

  /**
   * Writes checkpoint and tiles into a folder that is empty or not there.
   *
   * @param entries whether the records' canonical bytes too: they hold no personal value; of
   *     records that were pruned there are none, but the log's notes of these prunes
   */
  public void write(Path folder, boolean entries) throws SQLException, IOException {
    for (int level = 0; size >> (8 * level) > 0; level++) {
      long hashes = size >> (8 * level);
      for (long tile = 0; tile * TreeEdge.WIDTH < hashes; tile++) {
        int width = (int) Math.min(TreeEdge.WIDTH, hashes - tile * TreeEdge.WIDTH);
        put(
            folder.resolve("tile/" + level + "/" + number(tile, width)),
            store.read(level, tile, width));
        if (level == 0 && entries) {
          put(
              folder.resolve("tile/entries/" + number(tile, width)),
              bundle(store.stored(tile * TreeEdge.WIDTH, width)));
        }
      }
    }
    if (entries) {
      for (TreeStore.PruneNoteOf prune : store.pruneNotes(size)) {
        put(
            folder.resolve("prune/" + prune.chain() + "-" + prune.seq()),
            prune.note().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    put(
        folder.resolve("checkpoint"),
        note.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static byte[] bundle(List<byte[]> entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] entry : entries) {
      if (entry.length > MAX_ENTRY) {
        throw new IOException("an entry of " + entry.length + " bytes does not fit a bundle");
      }
      out.write(entry.length >>> 8);
      out.write(entry.length);
      out.writeBytes(entry);
    }
    return out.toByteArray();
  }

  private static void put(Path file, byte[] content) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Path _ = Files.createDirectories(folder);
    }
    Path _ = Files.write(file, content, java.nio.file.StandardOpenOption.CREATE_NEW);
  }

  /** A tile's number as a path, three digits a folder; an unfinished tile says how wide it is. */
  static String number(long tile, int width) {
    StringBuilder path = new StringBuilder(String.format(Locale.ROOT, "%03d", tile % 1000));
    for (long rest = tile / 1000; rest > 0; rest /= 1000) {
      path.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
    }
    return width == TreeEdge.WIDTH ? path.toString() : path + ".p/" + width;
  }
}
