// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.StoredTree.Place;
import dev.obolus.audit.fsck.Verification.Bad;
import dev.obolus.audit.fsck.Verification.Signed;
import dev.obolus.audit.fsck.Verification.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a log from a folder laid out as C2SP tlog-tiles: {@code checkpoint}, {@code tile/…} and,
 * where they were exported, {@code tile/entries/…} and the log's notes of prunes, {@code prune/…}.
 * Needs public keys only. Records may be missing that were pruned: first, last and number as a
 * record in the folder names them, of which the log's note and two people's words are there.
 */
public final class TileFiles {
  private static final int WIDTH = 256;
  private static final int HASH = MerkleTree.HASH;
  private static final Pattern NOTE = Pattern.compile("([0-9a-f]{32})-([0-9]{1,18})");

  private final Path folder;
  private final PublicKeys trusted;
  private final List<String> kept;
  private final AuditVerifier.Progress progress;
  private final Map<ChainId, Long> chains = new HashMap<>();
  private final Map<String, Long> tenants = new HashMap<>();
  private final Map<String, TreeFaulty> leaps = new LinkedHashMap<>();
  private final HandedPrunes handed;
  private final ChainEnds ends = new ChainEnds();
  private Prunes prunes = new Prunes();
  private final Parsed parsed = new Parsed();
  private long records;

  /**
   * @param kept signed notes that were kept elsewhere
   */
  public TileFiles(
      Path folder, PublicKeys trusted, List<String> kept, AuditVerifier.Progress progress) {
    this.folder = folder;
    this.trusted = trusted;
    this.kept = List.copyOf(kept);
    this.progress = progress;
    this.handed = new HandedPrunes(Optional.of(trusted));
  }

  /** Verifies everything that is there; not for a second use. */
  public Verification verify() throws IOException {
    long began = System.nanoTime();
    Optional<Bad> bad = Optional.empty();
    Optional<Signed> signed = Optional.empty();
    try {
      Note note = Note.parse(Files.readString(folder.resolve("checkpoint")));
      walk(note);
      Map<String, Long> witnesses = new HashMap<>();
      trusted.witnesses(note).keySet().forEach(name -> witnesses.put(name, note.size()));
      signed = Optional.of(new Signed(note.size(), witnesses, Map.of()));
    } catch (TreeFaulty e) {
      bad = Optional.of(bad(e));
    } catch (Found e) {
      bad = Optional.of(e.bad());
    } catch (IllegalArgumentException e) {
      bad = Optional.of(bad(new TreeFaulty(0, Fault.SIGNATURE, String.valueOf(e.getMessage()))));
    }
    State state =
        bad.isPresent()
            ? State.BROKEN
            : signed.filter(found -> found.size() > 0).isPresent() ? State.VERIFIED : State.PENDING;
    return new Verification(
        state,
        false,
        records,
        0,
        0,
        chains.size(),
        signed,
        bad,
        prunes.found(),
        List.of(),
        List.of(),
        List.of(),
        Duration.ofNanos(System.nanoTime() - began));
  }

  private static Bad bad(TreeFaulty fault) {
    ChainId none = new ChainId(Bytes.of(new byte[ChainId.LENGTH]));
    return new Bad(
        none, Math.max(1, fault.index()), fault.fault(), String.valueOf(fault.getMessage()));
  }

  private void walk(Note note) throws IOException, TreeFaulty, Found {
    boolean entries = Files.isDirectory(folder.resolve("tile/entries"));
    List<Note> elsewhere = kept.stream().map(Note::parse).toList();
    TreeCheck check =
        new TreeCheck(
            Optional.of(trusted), elsewhere, (level, tile) -> find(path(level, tile, WIDTH)));
    check.compareKept();
    for (long tile = 0; tile * WIDTH < note.size(); tile++) {
      int width = (int) Math.min(WIDTH, note.size() - tile * WIDTH);
      byte[] hashes = read(tile * WIDTH, path(0, tile, width));
      if (hashes.length < width * HASH) {
        throw new TreeFaulty(tile * WIDTH, Fault.TREE, "tile 0/" + tile + " ends early");
      }
      ByteBuffer bundle =
          ByteBuffer.wrap(entries ? read(tile * WIDTH, entriesPath(tile, width)) : new byte[0]);
      for (int i = 0; i < width; i++) {
        byte[] leaf = Arrays.copyOfRange(hashes, i * HASH, (i + 1) * HASH);
        if (entries) {
          entry(check, next(bundle, check.size()), leaf);
        } else {
          check.leaf(leaf);
        }
        check.compareKept();
      }
      partialTiles(check, note);
      progress.at(check.size(), note.size());
    }
    if (entries) {
      excused(check);
    }
    check.checkpoint(note);
    check.end();
    if (!entries) {
      records = note.size();
    }
  }

  private static byte[] next(ByteBuffer bundle, long index) throws TreeFaulty {
    if (bundle.remaining() >= 2) {
      int length = bundle.getShort() & 0xFFFF;
      if (bundle.remaining() >= length) {
        byte[] entry = new byte[length];
        bundle.get(entry);
        return entry;
      }
    }
    throw new TreeFaulty(index, Fault.TREE, "the bundle of entries ends before entry " + index);
  }

  private void entry(TreeCheck check, byte[] entry, byte[] leaf) throws TreeFaulty {
    long index = check.size();
    if (entry.length == 0) {
      check.pruned(leaf);
      return;
    }
    if (!Arrays.equals(new MerkleTree((level, hash) -> {}).leaf(entry), leaf)) {
      throw new TreeFaulty(
          index, Fault.ENTRY, what(entry, index) + " is not the entry that the tree holds");
    }
    if (entry.length > 3 && entry[2] == 'H') {
      check.heads(entry);
      return;
    }
    try {
      parsed.read(entry, 0, entry.length);
      ChainId chain = new ChainId(Bytes.of(parsed.bytes(Parsed.CHAIN)));
      long seq = parsed.whole(Parsed.SEQ);
      check.next(chain, seq);
      check.leaf(leaf);
      count(chain, entry, index);
      handed.take(chain, seq, leaf, parsed);
      ends.take(chain, seq, parsed);
      chains.put(chain, seq);
      records++;
    } catch (Malformed e) {
      throw new TreeFaulty(index, Fault.UNREADABLE, "entry " + index + " is not of the format");
    }
  }

  /** What a tenant lacks may have been pruned: that is seen when all was read. */
  private void count(ChainId chain, byte[] entry, long index) throws TreeFaulty, Malformed {
    String tenant = chain + " " + parsed.text(Parsed.TENANT);
    long number = parsed.whole(Parsed.TENANT_SEQ);
    long count = tenants.merge(tenant, 1L, Long::sum);
    if (number != count) {
      TreeFaulty leap =
          new TreeFaulty(
              index,
              Fault.TENANT_SEQ,
              what(entry, index) + " breaks the count of its tenant's records");
      if (number < count) {
        throw leap;
      }
      TreeFaulty _ = leaps.putIfAbsent(tenant, leap);
      tenants.put(tenant, number);
    }
  }

  /** What is not there must be what the record of a prune names, by number and by tenant. */
  private void excused(TreeCheck check) throws IOException, TreeFaulty, Found {
    ends.conclude();
    prunes = handed.counting(notes(), Set.of());
    for (ChainId chain : check.heads().keySet()) {
      long newest = check.reached(chain);
      try {
        prunes.conclude(chain, handed.there(chain), newest);
      } catch (Faulty e) {
        throw new Found(chain, e);
      }
      prunes.head(chain, newest, Optional.empty());
    }
    for (Map.Entry<String, TreeFaulty> leap : leaps.entrySet()) {
      int space = leap.getKey().indexOf(' ');
      ChainId chain = ChainId.parse(leap.getKey().substring(0, space));
      if (!prunes.tenants(chain).contains(leap.getKey().substring(space + 1))) {
        throw leap.getValue();
      }
    }
  }

  private Map<Place, String> notes() throws IOException {
    Map<Place, String> notes = new HashMap<>();
    Path all = folder.resolve("prune");
    if (Files.isDirectory(all)) {
      try (Stream<Path> files = Files.list(all)) {
        for (Path file : files.toList()) {
          Matcher name = NOTE.matcher(file.getFileName().toString());
          if (name.matches()) {
            Place at = new Place(ChainId.parse(name.group(1)), Long.parseLong(name.group(2)));
            String _ = notes.put(at, Files.readString(file));
          }
        }
      }
    }
    return notes;
  }

  private static String what(byte[] entry, long index) {
    try {
      Parsed parsed = Parsed.of(entry);
      return "record "
          + parsed.whole(Parsed.SEQ)
          + " of chain "
          + Bytes.of(parsed.bytes(Parsed.CHAIN));
    } catch (Malformed e) {
      return "entry " + index;
    }
  }

  /** The unfinished tiles above the leaves belong to the checkpoint: each must be what it says. */
  private void partialTiles(TreeCheck check, Note note) throws IOException, TreeFaulty {
    if (check.size() != note.size()) {
      return;
    }
    for (int level = 1; note.size() >> (8 * level) > 0; level++) {
      int width = (int) ((note.size() >> (8 * level)) % WIDTH);
      if (width > 0) {
        long tile = (note.size() >> (8 * level)) / WIDTH;
        byte[] there = read(check.size(), path(level, tile, width));
        if (!Arrays.equals(check.unfinished(level), there)) {
          throw new TreeFaulty(
              check.size(),
              Fault.TREE,
              "tile " + level + "/" + tile + " of the tree is not what the tiles below it give");
        }
      }
    }
  }

  private byte[] read(long index, Path file) throws IOException, TreeFaulty {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new TreeFaulty(index, Fault.TREE, folder.relativize(file) + " is missing");
    }
  }

  private static byte @Nullable [] find(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return null;
    }
  }

  private Path path(int level, long tile, int width) {
    return folder.resolve("tile/" + level + "/" + number(tile, width));
  }

  private Path entriesPath(long tile, int width) {
    return folder.resolve("tile/entries/" + number(tile, width));
  }

  private static String number(long tile, int width) {
    StringBuilder path =
        new StringBuilder(String.format(java.util.Locale.ROOT, "%03d", tile % 1000));
    for (long rest = tile / 1000; rest > 0; rest /= 1000) {
      path.insert(0, String.format(java.util.Locale.ROOT, "x%03d/", rest % 1000));
    }
    return width == WIDTH ? path.toString() : path + ".p/" + width;
  }
}
