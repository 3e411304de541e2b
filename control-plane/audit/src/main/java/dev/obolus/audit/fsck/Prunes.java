// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Pruned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What sound records of prunes name, chain by chain. What is missing from a chain must be exactly
 * what one of them names of it, or nothing. Not for several threads.
 */
final class Prunes {
  private static final String CHAIN =
      "[0-9a-f]{32} [0-9]{1,18} [0-9a-f]{64} [0-9]{1,18} [0-9]{1,18} [0-9]{1,18} [0-9a-f]{64}";
  private static final String TREE = "[0-9]{1,18} [0-9a-f]{64}";

  /** A chain's part of a prune. */
  private record Named(
      ChainId by,
      long bySeq,
      int epoch,
      Set<String> tenants,
      List<String> people,
      long head,
      Bytes headMac,
      long first,
      long last,
      long records,
      Bytes digest,
      boolean outside) {

    /** Whether of the chain up to its head as many are missing, from the first to the last. */
    boolean leaves(Numbers there, long from, long to, long missing) {
      if (!there.has(1) || there.newest() > head) {
        return false;
      }
      long gap = there.firstMissing();
      return head - there.count() == missing
          && (gap > head ? 0 : gap) == from
          && there.lastMissing(head) == to;
    }
  }

  private final Map<ChainId, List<Named>> named = new HashMap<>();
  private final List<Pruned> found = new ArrayList<>();

  /** The size and root of the tree that a prune's record names: {@code size root}. */
  static String tree(Parsed record) throws Malformed {
    String tree = record.text(Parsed.PRUNED_TREE);
    if (!tree.matches(TREE)) {
      throw new Malformed("the tree of a prune");
    }
    return tree;
  }

  /** Takes a record of a prune that was found sound. */
  void take(ChainId by, long bySeq, Parsed record) throws Malformed {
    take(by, bySeq, record, false);
  }

  /**
   * The same.
   *
   * @param outside whether the two people's words are not in what was handed over
   */
  void take(ChainId by, long bySeq, Parsed record, boolean outside) throws Malformed {
    Set<String> tenants = new HashSet<>(record.texts(Parsed.PRUNED_TENANTS));
    if (tenants.contains("-")) {
      throw new Malformed("a prune of records of no tenant");
    }
    int epoch = (int) record.whole(Parsed.PRUNED_EPOCH);
    List<String> people = record.texts(Parsed.APPROVERS);
    for (String line : record.texts(Parsed.PRUNED_CHAINS)) {
      if (!line.matches(CHAIN)) {
        throw new Malformed("a pruned chain");
      }
      String[] part = line.split(" ", -1);
      named
          .computeIfAbsent(ChainId.parse(part[0]), any -> new ArrayList<>())
          .add(
              new Named(
                  by,
                  bySeq,
                  epoch,
                  tenants,
                  people,
                  Long.parseLong(part[1]),
                  Bytes.ofHex(part[2]),
                  Long.parseLong(part[3]),
                  Long.parseLong(part[4]),
                  Long.parseLong(part[5]),
                  Bytes.ofHex(part[6]),
                  outside));
    }
  }

  /** Whether records of the chain may be missing. */
  boolean concern(ChainId chain) {
    return named.containsKey(chain);
  }

  /** Whether a record of the chain may be. */
  boolean concern(ChainId chain, long seq) {
    return named.getOrDefault(chain, List.of()).stream()
        .anyMatch(part -> part.first() <= seq && seq <= part.last());
  }

  /** The tenants whose records of the chain may be missing. */
  Set<String> tenants(ChainId chain) {
    Set<String> tenants = new HashSet<>();
    named.getOrDefault(chain, List.of()).forEach(part -> tenants.addAll(part.tenants()));
    return tenants;
  }

  /** What was found of prunes so far. */
  List<Pruned> found() {
    return found;
  }

  /**
   * At a chain's end: compares what is missing with what is named.
   *
   * @param head the chain's newest record's number
   */
  void conclude(ChainId chain, MissingRuns missing, long head, Bytes headMac) throws Faulty, Found {
    head(chain, head, Optional.of(headMac));
    List<Named> parts = named.getOrDefault(chain, List.of());
    if (parts.isEmpty()) {
      return;
    }
    Named last = parts.getLast();
    if (missing.records() > 0) {
      Bytes digest = Bytes.of(missing.digest());
      last =
          parts.stream()
              .filter(part ->
                  part.digest().equals(digest)
                      && part.records() == missing.records()
                      && part.first() == missing.first()
                      && part.last() == missing.last())
              .findFirst()
              .orElseThrow(() -> new Faulty(Fault.PRUNED_OTHERWISE, missing.first(), ""));
    }
    found.add(pruned(chain, last, missing.records() > 0));
  }

  /**
   * Without leaves and MACs beside: compares which records of a chain are not there with what is
   * named.
   *
   * @param there the numbers of those that are
   * @param newest the newest that there was, as far as is known
   */
  void conclude(ChainId chain, Numbers there, long newest) throws Faulty {
    List<Named> parts = named.getOrDefault(chain, List.of());
    long first = there.firstMissing();
    if (parts.isEmpty()) {
      if (first <= newest) {
        throw new Faulty(Fault.MISSING, first, "");
      }
      return;
    }
    boolean whole = parts.getLast().leaves(there, 0, 0, 0);
    Named part =
        whole
            ? parts.getLast()
            : parts.stream()
                .filter(one -> one.leaves(there, one.first(), one.last(), one.records()))
                .findFirst()
                .orElseThrow(() -> new Faulty(Fault.PRUNED_OTHERWISE, first, ""));
    found.add(pruned(chain, part, !whole));
  }

  /**
   * Where only some tenants' records of a chain were handed over: whether what is named of them is
   * gone.
   *
   * @param whose these tenants
   * @param left those of whom there are records that a prune takes
   */
  void look(ChainId chain, Set<String> whose, Set<String> left) {
    List<Named> parts =
        named.getOrDefault(chain, List.of()).stream()
            .filter(part -> part.tenants().stream().anyMatch(whose::contains))
            .toList();
    if (parts.isEmpty()) {
      return;
    }
    Optional<Named> gone =
        parts.reversed().stream()
            .filter(
                part -> part.tenants().stream().filter(whose::contains).noneMatch(left::contains))
            .findFirst();
    found.add(pruned(chain, gone.orElse(parts.getLast()), gone.isPresent()));
  }

  /** The chain's newest record must be the one that the records of prunes name. */
  void head(ChainId chain, long head, Optional<Bytes> mac) throws Found {
    for (Named part : named.getOrDefault(chain, List.of())) {
      unless(part, part.head() == head && mac.map(part.headMac()::equals).orElse(true), chain);
    }
  }

  /** The same where that record may have gone: this one is there, and the newest that is. */
  void reached(ChainId chain, long newest, Bytes mac) throws Found {
    for (Named part : named.getOrDefault(chain, List.of())) {
      boolean last = part.head() == newest;
      unless(part, last ? part.headMac().equals(mac) : part.head() > newest, chain);
    }
  }

  private static void unless(Named part, boolean sound, ChainId chain) throws Found {
    if (!sound) {
      throw new Found(
          part.by(), new Faulty(Fault.PRUNE, part.bySeq(), "the head of chain " + chain));
    }
  }

  private static Pruned pruned(ChainId chain, Named part, boolean removed) {
    return new Pruned(
        chain,
        part.epoch(),
        part.tenants(),
        part.first(),
        part.last(),
        part.records(),
        part.by(),
        part.bySeq(),
        part.people(),
        removed,
        part.outside());
  }

  /**
   * Fails unless the note says what the record says and, where keys are known, the log signed it.
   */
  static void noted(
      StoredTree.Place at, byte[] leaf, Parsed record, String stored, Optional<PublicKeys> keys)
      throws Faulty, Malformed {
    Optional<SignedText> note = SignedText.parse(stored);
    boolean same =
        note.isPresent()
            && note(note.get().origin(), at.chain(), at.seq(), leaf, record)
                .equals(note.get().text());
    if (!same) {
      throw new Faulty(Fault.PRUNE, at.seq(), "its note differs");
    }
    if (keys.isPresent()
        && !keys.get()
            .signedByLog(note.get().origin(), note.get().text(), note.get().signatures())) {
      throw new Faulty(Fault.PRUNE, at.seq(), "its note was not signed by the log");
    }
  }

  /** The text that the log's note of a prune must have, but for its origin. */
  static String note(String origin, ChainId by, long bySeq, byte[] leaf, Parsed record)
      throws Malformed {
    StringBuilder text = new StringBuilder("obolus-prune/v1\n");
    line(text, "origin", origin);
    line(text, "record", by + " " + bySeq + " " + HexFormat.of().formatHex(leaf));
    line(text, "epoch", Long.toString(record.whole(Parsed.PRUNED_EPOCH)));
    line(text, "tenants", String.join(" ", record.texts(Parsed.PRUNED_TENANTS)));
    line(text, "tree", record.text(Parsed.PRUNED_TREE));
    line(text, "retention", record.find(Parsed.RETENTION).orElse("-"));
    line(text, "approvers", String.join(" ", record.texts(Parsed.APPROVERS)));
    String sha256 =
        record.has(Parsed.EXPORT_SHA256)
            ? HexFormat.of().formatHex(record.bytes(Parsed.EXPORT_SHA256))
            : "-";
    line(text, "export", sha256 + " " + record.find(Parsed.EXPORT).orElse("-"));
    for (String chain : record.texts(Parsed.PRUNED_CHAINS)) {
      line(text, "chain", chain);
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String content) {
    text.append(name).append(' ').append(content).append('\n');
  }

  /** A note that may be one of a prune: its text, the origin it names, its signatures. */
  record SignedText(String text, String origin, List<Note.Signature> signatures) {

    /** Empty for what is no note. */
    static Optional<SignedText> parse(String note) {
      int blank = note.lastIndexOf("\n\n");
      if (blank < 0 || !note.endsWith("\n")) {
        return Optional.empty();
      }
      String[] lines = note.split("\n", 3);
      try {
        return lines.length == 3 && lines[1].startsWith("origin ")
            ? Optional.of(
                new SignedText(
                    note.substring(0, blank + 1),
                    lines[1].substring("origin ".length()),
                    Note.signatures(note.substring(blank + 2))))
            : Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  /** A tree's size and root as a prune's record writes them. */
  static String tree(Note note) {
    return note.size() + " " + HexFormat.of().formatHex(note.root());
  }
}
