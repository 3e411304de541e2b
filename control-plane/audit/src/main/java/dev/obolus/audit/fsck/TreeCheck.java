// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks a tree from its first leaf to its last: dense numbering of entries and of each chain's
 * records in them, the entries of heads, every tile, every checkpoint. Given everything in order;
 * answers the first fault. Not for several threads.
 */
final class TreeCheck {
  private static final int CHECKED_AT_ONCE = 512;
  private static final byte[] HEADS = {'O', 'B', 'H', 1};
  private static final int HEAD_LENGTH = 16 + 8 + 32;

  /** How far a chain has come in the tree. */
  record Head(long seq, @Nullable Bytes mac) {}

  /** What a stored tile of a level above 0 is compared with. */
  interface UpperTiles {
    byte @Nullable [] stored(int level, long tile);
  }

  private final Optional<PublicKeys> keys;
  private final UpperTiles upper;
  private final TreeMap<Long, List<Note>> kept = new TreeMap<>();
  private final List<byte[]> row = new ArrayList<>();
  private final MerkleTree tree = new MerkleTree(this::completed);
  private final Map<ChainId, Head> heads = new HashMap<>();
  private final Map<ChainId, Head> grown = new HashMap<>();
  private final List<Note> unchecked = new ArrayList<>();
  private long unknown;
  private @Nullable TreeFaulty tileFault;
  private long lastCheckpoint;

  /**
   * @param kept checkpoints that were kept elsewhere; their signatures are checked here too
   */
  TreeCheck(Optional<PublicKeys> keys, List<Note> kept, UpperTiles upper) throws TreeFaulty {
    this.keys = keys;
    this.upper = upper;
    for (Note note : kept) {
      if (keys.isPresent() && !keys.get().signedByLog(note)) {
        throw new TreeFaulty(
            note.size(),
            Fault.SIGNATURE,
            "a checkpoint that was kept elsewhere, of size "
                + note.size()
                + ", was not signed with the log's key");
      }
      this.kept.computeIfAbsent(note.size(), any -> new ArrayList<>()).add(note);
    }
  }

  long size() {
    return tree.size();
  }

  Map<ChainId, Head> heads() {
    return heads;
  }

  /** The next leaf of a record; {@code last} says where its chain then stands, at a run's end. */
  void leaf(byte[] hash) throws TreeFaulty {
    tree.add(hash);
    TreeFaulty fault = tileFault;
    if (fault != null) {
      throw fault;
    }
  }

  /**
   * The records of a chain that follow in the tree.
   *
   * @param lastMac the last one's, where it is known
   */
  void run(ChainId chain, long firstSeq, int leaves, @Nullable Bytes lastMac) throws TreeFaulty {
    Head before = heads.get(chain);
    if (firstSeq != (before == null ? 0 : before.seq()) + 1) {
      throw new TreeFaulty(
          tree.size(),
          Fault.TREE,
          "the tree goes on with record "
              + firstSeq
              + " of chain "
              + chain
              + " where another was due");
    }
    Head head = new Head(firstSeq + leaves - 1, lastMac);
    heads.put(chain, head);
    grown.put(chain, head);
  }

  /**
   * The next leaf is one of a record that is not there any more: of which chain, an entry of heads
   * or a later record of that chain will show.
   */
  void pruned(byte[] hash) throws TreeFaulty {
    unknown++;
    leaf(hash);
  }

  /** The next record of a chain, where records before it may not be there any more. */
  void next(ChainId chain, long seq) throws TreeFaulty {
    Head before = heads.get(chain);
    passed(chain, seq - 1 - (before == null ? 0 : before.seq()));
    Head head = new Head(seq, null);
    heads.put(chain, head);
    grown.put(chain, head);
  }

  /** The newest record of a chain in the tree so far; 0 for none. */
  long reached(ChainId chain) {
    Head head = heads.get(chain);
    return head == null ? 0 : head.seq();
  }

  private void passed(ChainId chain, long count) throws TreeFaulty {
    if (count < 0 || count > unknown) {
      throw new TreeFaulty(
          tree.size(),
          Fault.TREE,
          "the records of chain " + chain + " do not follow one another in the tree");
    }
    unknown -= count;
  }

  /** What an entry of heads lists beyond what was seen must be what was passed over. */
  private void pass(byte[] entry) throws TreeFaulty {
    if (unknown == 0 || entry.length < 20) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(entry);
    for (int at = 20; at + HEAD_LENGTH <= entry.length; at += HEAD_LENGTH) {
      ChainId chain = new ChainId(Bytes.of(Arrays.copyOfRange(entry, at, at + 16)));
      Head seen = heads.get(chain);
      long seq = in.getLong(at + 16);
      if (seen == null || seen.seq() < seq) {
        passed(chain, seq - (seen == null ? 0 : seen.seq()));
        Head head = new Head(seq, null);
        heads.put(chain, head);
        grown.put(chain, head);
      }
    }
    if (unknown > 0) {
      throw new TreeFaulty(
          tree.size(), Fault.TREE, "entries before entry " + tree.size() + " are of no chain");
    }
  }

  /** An entry of heads: must say what has grown since the one before. */
  void heads(byte[] entry) throws TreeFaulty {
    pass(entry);
    ByteBuffer in = ByteBuffer.wrap(entry);
    boolean sound = entry.length >= 20 && Arrays.equals(entry, 0, 4, HEADS, 0, 4);
    int listed = sound ? in.getInt(16) : 0;
    sound =
        sound
            && in.getInt(12) == heads.size()
            && listed == grown.size()
            && entry.length == 20L + (long) listed * HEAD_LENGTH;
    for (int i = 0; i < listed && sound; i++) {
      int at = 20 + i * HEAD_LENGTH;
      Head head = grown.get(new ChainId(Bytes.of(Arrays.copyOfRange(entry, at, at + 16))));
      sound =
          head != null
              && head.seq() == in.getLong(at + 16)
              && same(head.mac(), Arrays.copyOfRange(entry, at + 24, at + 56));
    }
    if (!sound) {
      throw new TreeFaulty(
          tree.size(),
          Fault.TREE,
          "entry "
              + tree.size()
              + " of the tree does not say how far the chains before it had come");
    }
    grown.clear();
    leaf(tree.leaf(entry));
  }

  private static boolean same(@Nullable Bytes known, byte[] said) {
    return known == null || known.equals(Bytes.of(said));
  }

  /** The unfinished tile of a level above the leaves, as it stands. */
  byte[] unfinished(int level) {
    return level <= row.size() ? row.get(level - 1) : new byte[0];
  }

  /** A checkpoint of the size that the tree now has. */
  void checkpoint(Note note) throws TreeFaulty {
    compare(note);
    if (!grown.isEmpty() || unknown > 0) {
      throw new TreeFaulty(
          note.size(),
          Fault.TREE,
          "the checkpoint of size " + note.size() + " does not end with the heads");
    }
    unchecked.add(note);
    if (unchecked.size() == CHECKED_AT_ONCE) {
      signatures();
    }
    lastCheckpoint = note.size();
  }

  /** Compares what was kept elsewhere at the size that the tree now has. */
  void compareKept() throws TreeFaulty {
    for (Note note : kept.getOrDefault(tree.size(), List.of())) {
      compare(note);
    }
    if (!kept.isEmpty()) {
      List<Note> _ = kept.remove(tree.size());
    }
  }

  private void compare(Note note) throws TreeFaulty {
    if (note.size() != tree.size() || !Arrays.equals(note.root(), tree.root())) {
      throw new TreeFaulty(
          lastCheckpoint,
          Fault.ROOT,
          "the tree is not the one that was signed at size " + note.size());
    }
  }

  /** After the last entry. */
  void end() throws TreeFaulty {
    signatures();
    if (lastCheckpoint != tree.size()) {
      throw new TreeFaulty(
          tree.size(), Fault.TREE, "the tree's last entries are under no checkpoint");
    }
    if (!kept.isEmpty()) {
      throw new TreeFaulty(
          tree.size(),
          Fault.TRUNCATED,
          "the log was cut off or set back: a tree of "
              + kept.lastKey()
              + " entries was signed, and this one has "
              + tree.size());
    }
  }

  private void signatures() throws TreeFaulty {
    if (keys.isPresent()) {
      PublicKeys trusted = keys.get();
      Optional<Note> bad =
          unchecked.parallelStream().filter(note -> !trusted.signedByLog(note)).findFirst();
      if (bad.isPresent()) {
        throw new TreeFaulty(
            bad.get().size(),
            Fault.SIGNATURE,
            "the checkpoint of size " + bad.get().size() + " was not signed with the log's keys");
      }
    }
    unchecked.clear();
  }

  /** A subtree is complete: it belongs in a tile of its level, which may be complete now. */
  private void completed(int level, byte[] hash) {
    while (row.size() < level) {
      row.add(new byte[0]);
    }
    byte[] tile = Arrays.copyOf(row.get(level - 1), row.get(level - 1).length + hash.length);
    System.arraycopy(hash, 0, tile, tile.length - hash.length, hash.length);
    boolean full = tile.length == 256 * hash.length;
    row.set(level - 1, full ? new byte[0] : tile);
    if (full) {
      long number = (tree.size() + 1) / (1L << (8 * (level + 1))) - 1;
      byte[] stored = upper.stored(level, number);
      if (stored == null || !Arrays.equals(stored, tile)) {
        tileFault =
            new TreeFaulty(
                tree.size(),
                Fault.TREE,
                "tile "
                    + level
                    + "/"
                    + number
                    + " of the tree is not what the tiles below it give");
      }
    }
  }
}
