// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Bad;
import dev.obolus.audit.fsck.Verification.Pruned;
import dev.obolus.audit.fsck.Verification.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One verification of a log in a database. Not for several threads. */
final class LogCheck {
  private static final int SLICE = 65_536;
  private static final Duration KEPT_EVERY = Duration.ofSeconds(5);

  private final Connection connection;
  private final Checking checking;
  private final List<VerifierKey> keys;
  private final long began = System.nanoTime();
  private final Permits permits = new Permits();
  private final Bookmark bookmark;
  private final List<Note> held;
  private final StoredTree tree;
  private final KeyHistory history;
  private final SignedLog signed;

  /** Chains that are called ended and have no last record, with their newest numbers. */
  private final Map<ChainId, Long> unclosed = new LinkedHashMap<>();

  private StoredHeads heads = new StoredHeads();
  private ValueKeys valueKeys = ValueKeys.unknown();
  private Prunes prunes = new Prunes();
  private MissingRuns missing = new MissingRuns();
  private boolean permitsAreKnown;
  private long kept = System.nanoTime();
  private long records;
  private long before;
  private long pending;
  private long chains;
  private Optional<Pruned> gone = Optional.empty();

  LogCheck(Connection connection, Checking checking) throws SQLException {
    this.connection = connection;
    this.checking = checking;
    this.keys = checking.keys;
    this.history = new KeyHistory(keys);
    this.tree = new StoredTree(connection);
    this.signed = new SignedLog(connection, checking, tree);
    this.bookmark = new Bookmark(keys, checking.publicKeys.isPresent(), permits);
    this.held = new ArrayList<>(checking.kept);
  }

  Verification result(Optional<Bad> bad) {
    long all = before + records;
    boolean nothing =
        (all == 0 && prunes.found().isEmpty())
            || (checking.publicKeys.isPresent() && pending == all);
    boolean waiting = nothing || !valueKeys.awaited().isEmpty();
    State sound = gone.isPresent() ? State.PRUNED : waiting ? State.PENDING : State.VERIFIED;
    return new Verification(
        bad.isPresent() ? State.BROKEN : sound,
        !keys.isEmpty(),
        records,
        before,
        pending,
        chains,
        signed.found(),
        bad,
        gone.map(List::of).orElseGet(prunes::found),
        gone.isPresent() ? List.of() : permits.open(),
        valueKeys.undestroyed(),
        valueKeys.awaited(),
        Duration.ofNanos(System.nanoTime() - began));
  }

  void everything() throws SQLException, Found {
    checking.bookmark.ifPresent(text -> bookmark.read(text).ifPresent(held::add));
    heads = StoredHeads.read(connection);
    readWhatExcuses(tree::holds);
    Set<ChainId> known = heads.chains(connection);
    for (ChainId chain : known) {
      readOpening(chain);
    }
    known.addAll(heads.writtenDown());
    boolean keeping = checking.bookmarks.isPresent();
    if (keeping) {
      signed.check(
          heads, held,
          history); // nothing is written down as checked against a tree that is not sound
    }
    for (ChainId chain : known) {
      chain(chain);
      chains++;
    }
    ended();
    if (!keeping) {
      signed.check(heads, held, history);
    }
    endedByRecords();
    keep();
  }

  /** What may be missing, by records of the log itself. */
  private void readWhatExcuses(ErasedKeys.Sealed sealed) throws SQLException, Found {
    valueKeys =
        new ErasedKeys(
                connection, keys, checking.publicKeys, tree, sealed, checking.clock.instant())
            .read();
    prunes = new PruneRecords(connection, keys, checking.publicKeys, tree).read(valueKeys);
  }

  /** Nothing may follow where a successor ended a chain. */
  private void ended() throws Found {
    for (Map.Entry<ChainId, Long> end : permits.ended().entrySet()) {
      if (heads.of(end.getKey()).filter(head -> head.seq() > end.getValue()).isPresent()) {
        throw new Found(
            end.getKey(),
            new Faulty(Fault.AFTER_CLOSE, end.getValue() + 1, "a successor ended the chain"));
      }
    }
  }

  /** What a table calls ended has its own last record, or a successor's word. */
  private void endedByRecords() throws Found {
    for (Map.Entry<ChainId, Long> end : unclosed.entrySet()) {
      if (!permits.ended().containsKey(end.getKey())) {
        throw new Found(end.getKey(), new Faulty(Fault.ENDED, end.getValue(), ""));
      }
    }
  }

  /** What a chain's first record says of other chains, once that record is found sound. */
  private void readOpening(ChainId chain) throws SQLException, Found {
    RawRow row = new RawRow();
    try (RowStream rows = RowStream.of(connection, chain, 1, 1)) {
      if (rows.next(row)) {
        ChainCheck check = new ChainCheck(chain.bytes().toArray(), keys, valueKeys);
        Parsed opening = check.next(row, true);
        heads.writeDown(opening.texts(Parsed.EARLIER_HEADS));
        heads.writeDown(history.opening(chain, opening).stream().toList());
      }
    } catch (Faulty e) {
      throw new Found(chain, e);
    } catch (Malformed e) {
      throw new Found(chain, new Faulty(Fault.UNREADABLE, 1, "earlier heads"));
    }
  }

  private void chain(ChainId chain) throws SQLException, Found {
    boolean sparse = prunes.concern(chain);
    // what is missing of a chain is looked at as a whole
    ChainCheck check =
        sparse
            ? new ChainCheck(chain.bytes().toArray(), keys, valueKeys)
            : bookmark.check(chain, valueKeys);
    check.passing(prunes.tenants(chain));
    missing = new MissingRuns();
    permitsAreKnown = sparse && bookmark.knows(chain);
    before += check.seq();
    try {
      List<StoredTree.Span> spans = tree.spans(chain, check.seq() + 1, SLICE);
      while (!spans.isEmpty()) {
        slice(chain, check, spans);
        bookmark.reached(chain, check);
        if (System.nanoTime() - kept > KEPT_EVERY.toNanos()) {
          keep();
        }
        spans = tree.spans(chain, check.seq() + 1, SLICE);
      }
      long covered = check.seq();
      rows(chain, check, Long.MAX_VALUE, new byte[0]);
      pending += check.seq() - covered;
      heads.of(chain).ifPresent(head -> goOnFrom(check, head.mac().toArray()));
      heads.ends(chain, check);
      if (heads.isEnded(chain) && !check.isClosed()) {
        unclosed.put(chain, check.seq());
      }
      prunes.conclude(chain, missing, check.seq(), Bytes.of(check.head()));
    } catch (Faulty e) {
      throw new Found(chain, e);
    } catch (Malformed e) {
      throw new Found(chain, new Faulty(Fault.UNREADABLE, check.seq(), ""));
    }
  }

  /** What waits for a checkpoint is to be read again: from there on nothing is written down. */
  private void keep() {
    kept = System.nanoTime();
    if (valueKeys.awaited().isEmpty()) {
      checking.bookmarks.ifPresent(listener -> listener.accept(bookmark.text(signed.newest())));
    }
  }

  /** Records that the tree holds: each must be the leaf that it holds for it. */
  private void slice(ChainId chain, ChainCheck check, List<StoredTree.Span> spans)
      throws SQLException, Faulty, Malformed {
    long due = check.seq() + 1;
    for (StoredTree.Span span : spans) {
      if (span.firstSeq() != due) {
        throw new Faulty(Fault.ENTRY, due, "the tree goes on with record " + span.firstSeq());
      }
      due = span.lastSeq() + 1;
    }
    rows(chain, check, due - 1, tree.leaves(spans));
    StoredTree.Span last = spans.getLast();
    check.goOnFrom(last.lastMac().toArray());
    if (check.seq() < last.lastSeq()) {
      throw new Faulty(Fault.TRUNCATED, check.seq() + 1, "the tree holds record " + last.lastSeq());
    }
    if (!last.lastMac().equals(Bytes.of(check.head()))) {
      throw new Faulty(Fault.HEAD, last.lastSeq(), "the tree has another MAC for it");
    }
  }

  /**
   * Checks rows up to a record.
   *
   * @param leaves what the tree holds for the first of them, 32 bytes each
   */
  private void rows(ChainId chain, ChainCheck check, long to, byte[] leaves)
      throws SQLException, Faulty, Malformed {
    Map<Long, Bytes> elsewhere = heads.writtenDown(chain);
    RawRow row = new RawRow();
    int at = 0;
    try (RowStream rows = RowStream.of(connection, chain, check.seq() + 1, to)) {
      while (rows.next(row)) {
        if (row.seq() > check.seq() + 1) {
          at = pass(chain, check, row.seq() - 1, leaves, at);
        }
        goOnFrom(check, row);
        Parsed record = check.next(row, true);
        if (!permitsAreKnown) {
          permits.note(chain, row.seq(), record);
        }
        if (at < leaves.length) {
          if (!row.holds(RawRow.LEAF, leaves, at, at + MerkleTree.HASH)) {
            throw new Faulty(Fault.ENTRY, row.seq(), "");
          }
          at += MerkleTree.HASH;
        }
        if (!elsewhere.isEmpty()) {
          Bytes noted = elsewhere.get(row.seq());
          if (noted != null && !noted.equals(Bytes.of(check.head()))) {
            throw new Faulty(Fault.HEAD, row.seq(), "written down by a later chain");
          }
        }
        if (++records % 4096 == 0) {
          checking.progress.at(before + records, heads.records());
        }
      }
      if (check.seq() < to && at < leaves.length) {
        at = pass(chain, check, to, leaves, at);
      }
    }
  }

  /**
   * Passes over records that are missing, if any of the chain may be and the tree holds their
   * leaves; whether it is those that may be is seen at the chain's end.
   */
  private int pass(ChainId chain, ChainCheck check, long to, byte[] leaves, int at) throws Faulty {
    long count = to - check.seq();
    boolean held = count > 0 && count <= (leaves.length - at) / MerkleTree.HASH;
    if (check.seq() == 0 || !prunes.concern(chain) || !held) {
      return at;
    }
    missing.missing(check.seq() + 1, leaves, at, (int) count);
    check.pass(leaves, at, (int) count);
    return at + (int) count * MerkleTree.HASH;
  }

  /** After records that are missing the next one's word is where the chain goes on. */
  private void goOnFrom(ChainCheck check, RawRow row) {
    if (missing.isOpen()) {
      goOnFrom(check, row.copy(RawRow.PREV_MAC));
    }
  }

  private void goOnFrom(ChainCheck check, byte[] mac) {
    missing.goOnFrom(mac);
    check.goOnFrom(mac);
  }

  void one(ChainId chain, long seq) throws SQLException, Found {
    heads = StoredHeads.read(connection);
    Optional<SignedTree> newest = signed.newestAlone();
    readWhatExcuses((of, at, leaf) -> isSigned(newest, of, at, leaf));
    OneRecord record = new OneRecord(connection, keys, valueKeys, prunes, heads, tree);
    if (prunes.concern(chain, seq) && !record.isThere(chain, seq)) {
      pruned(record, chain, seq, newest);
      return;
    }
    boolean covered = isCovered(record, chain, seq, record.check(chain, seq), newest);
    records = 1;
    chains = 1;
    pending = covered ? 0 : 1;
  }

  private boolean isCovered(
      OneRecord record, ChainId chain, long seq, byte[] leaf, Optional<SignedTree> newest)
      throws SQLException, Found {
    return checking.publicKeys.isEmpty()
        ? record.isInTree(chain, seq, leaf)
        : newest.isPresent() && record.isSigned(chain, seq, leaf, newest.get());
  }

  /**
   * A record that is gone: that what is missing of its chain is what a prune names, leaf by leaf,
   * and that its own leaf and the prune's record lead to the root.
   */
  private void pruned(OneRecord record, ChainId chain, long seq, Optional<SignedTree> newest)
      throws SQLException, Found {
    chain(chain);
    Pruned prune =
        prunes.found().stream()
            .filter(part -> part.removed() && part.first() <= seq && seq <= part.last())
            .findFirst()
            .orElseThrow(() -> new Found(chain, new Faulty(Fault.MISSING, seq, "")));
    byte[] named = record.check(prune.by(), prune.bySeq());
    boolean covered =
        isCovered(record, chain, seq, tree.leaf(chain, seq), newest)
            && isCovered(record, prune.by(), prune.bySeq(), named, newest);
    records = covered ? 0 : 1;
    chains = 1;
    pending = records;
    gone = Optional.of(prune).filter(_ -> covered);
  }

  private boolean isSigned(Optional<SignedTree> newest, ChainId chain, long seq, byte[] leaf)
      throws SQLException, TreeFaulty {
    Optional<Long> index = tree.index(chain, seq);
    return newest.isPresent() && index.isPresent() && newest.get().holds(index.get(), leaf);
  }
}
