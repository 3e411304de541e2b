// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Bad;
import dev.obolus.audit.fsck.Verification.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One verification of a log in a database. Not for several threads. */
final class LogCheck {
  private static final int SLICE = 65_536;
  private static final Duration KEPT_EVERY = Duration.ofSeconds(5);

  private record Head(long seq, Bytes mac) {}

  private final Connection connection;
  private final Checking checking;
  private final List<VerifierKey> keys;
  private final long began = System.nanoTime();
  private final Map<ChainId, Head> heads = new LinkedHashMap<>();
  private final Map<ChainId, TreeMap<Long, Bytes>> witnessed = new HashMap<>();
  private final Permits permits = new Permits();
  private final Bookmark bookmark;
  private final List<Note> held;
  private final StoredTree tree;
  private final KeyHistory history;
  private Optional<Note> newest = Optional.empty();
  private Map<String, Verification.Stamp> stamps = Map.of();
  private ValueKeys valueKeys = ValueKeys.unknown();
  private Prunes prunes = new Prunes();
  private MissingRuns missing = new MissingRuns();
  private boolean permitsAreKnown;
  private long kept = System.nanoTime();
  private long total;
  private long records;
  private long before;
  private long pending;
  private long chains;

  LogCheck(Connection connection, Checking checking) throws SQLException {
    this.connection = connection;
    this.checking = checking;
    this.keys = checking.keys;
    this.history = new KeyHistory(keys);
    this.tree = new StoredTree(connection);
    this.bookmark = new Bookmark(keys, checking.publicKeys.isPresent(), permits);
    this.held = new ArrayList<>(checking.kept);
  }

  Verification result(Optional<Bad> bad) {
    long all = before + records;
    boolean nothing =
        (all == 0 && prunes.found().isEmpty())
            || (checking.publicKeys.isPresent() && pending == all);
    boolean waiting = nothing || !valueKeys.awaited().isEmpty();
    State state = bad.isPresent() ? State.BROKEN : waiting ? State.PENDING : State.VERIFIED;
    return new Verification(
        state,
        !keys.isEmpty(),
        records,
        before,
        pending,
        chains,
        newest.map(note -> new Verification.Signed(note.size(), witnesses(), stamps)),
        bad,
        prunes.found(),
        permits.open(),
        valueKeys.undestroyed(),
        valueKeys.awaited(),
        Duration.ofNanos(System.nanoTime() - began));
  }

  void everything() throws SQLException, Found {
    checking.bookmark.ifPresent(text -> bookmark.read(text).ifPresent(held::add));
    readHeads();
    readWhatExcuses(tree::holds);
    Set<ChainId> known = new LinkedHashSet<>(heads.keySet());
    known.addAll(storedChains());
    for (ChainId chain : known) {
      readOpening(chain);
    }
    known.addAll(witnessed.keySet());
    boolean keeping = checking.bookmarks.isPresent();
    if (keeping) {
      tree(); // nothing is written down as checked against a tree that is not sound
    }
    for (ChainId chain : known) {
      chain(chain);
      chains++;
    }
    ended();
    if (!keeping) {
      tree();
    }
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
      Head head = heads.get(end.getKey());
      if (head != null && head.seq() > end.getValue()) {
        throw new Found(
            end.getKey(),
            new Faulty(Fault.AFTER_CLOSE, end.getValue() + 1, "a successor ended the chain"));
      }
    }
  }

  /** What was signed, and that it is what was just checked record by record. */
  private void tree() throws SQLException, Found {
    try {
      TreeCheck check = new TreeCheck(checking.publicKeys, held, tree::upper);
      newest = tree.check(check);
      stamps = checking.timeStamps.check(connection);
      for (Map.Entry<ChainId, TreeCheck.Head> signed : check.heads().entrySet()) {
        if (!heads.containsKey(signed.getKey())) {
          throw new Found(
              signed.getKey(),
              new Faulty(Fault.TRUNCATED, 1, "the tree holds " + signed.getValue().seq()));
        }
      }
    } catch (TreeFaulty e) {
      throw new Found(e, tree.record(e.index()));
    }
    Map<ChainId, Long> ends = new HashMap<>();
    heads.forEach((chain, head) -> ends.put(chain, head.seq()));
    Optional<KeyHistory.Late> late = history.late(ends, tree::index);
    if (late.isPresent()) {
      throw new Found(
          late.get().chain(), new Faulty(Fault.REVOKED, late.get().seq(), late.get().detail()));
    }
  }

  /** The witnesses that cosigned, and how large the tree was when each last did. */
  private Map<String, Long> witnesses() {
    Map<String, Long> sizes = new TreeMap<>();
    if (checking.publicKeys.isEmpty()) {
      return sizes;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT DISTINCT ON (witness) c.note, s.lines FROM obolus.audit_cosignature s"
                    + " JOIN obolus.audit_checkpoint c USING (size) ORDER BY witness, size DESC")) {
      while (rows.next()) {
        Note note = Note.parse(rows.getString(1) + rows.getString(2));
        checking
            .publicKeys
            .get()
            .witnesses(note)
            .forEach((name, at) -> sizes.merge(name, note.size(), Math::max));
      }
    } catch (SQLException | IllegalArgumentException e) {
      sizes.clear(); // cosignatures that cannot be read prove nothing
    }
    return sizes;
  }

  private void readHeads() throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT chain, seq, mac FROM obolus.audit_head ORDER BY opened_at, chain");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Head head = new Head(rows.getLong(2), Bytes.of(rows.getBytes(3)));
        heads.put(new ChainId(Bytes.of(rows.getBytes(1))), head);
        total += head.seq();
      }
    }
  }

  /** The chains that have rows, found by leaping through the index. */
  private List<ChainId> storedChains() throws SQLException {
    List<ChainId> stored = new ArrayList<>();
    byte[] last = new byte[0];
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT chain FROM obolus.audit_record WHERE chain > ? ORDER BY chain LIMIT 1")) {
      while (true) {
        query.setBytes(1, last);
        try (ResultSet row = query.executeQuery()) {
          if (!row.next()) {
            return stored;
          }
          last = row.getBytes(1);
          stored.add(new ChainId(Bytes.of(last)));
        }
      }
    }
  }

  /** What a chain's first record says of other chains, once that record is found sound. */
  private void readOpening(ChainId chain) throws SQLException, Found {
    RawRow row = new RawRow();
    try (RowStream rows = rows(chain, 1, 1)) {
      if (rows.next(row)) {
        ChainCheck check = new ChainCheck(chain.bytes().toArray(), keys, valueKeys);
        Parsed opening = check.next(row, true);
        witness(opening.texts(Parsed.EARLIER_HEADS));
        witness(history.opening(chain, opening).stream().toList());
      }
    } catch (Faulty e) {
      throw new Found(chain, e);
    } catch (Malformed e) {
      throw new Found(chain, new Faulty(Fault.UNREADABLE, 1, "earlier heads"));
    }
  }

  private void witness(List<String> lines) throws Malformed {
    for (String line : lines) {
      WrittenHead head = WrittenHead.parse(line);
      Bytes _ =
          witnessed
              .computeIfAbsent(head.chain(), any -> new TreeMap<>())
              .put(head.seq(), head.mac());
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
      Optional<Head> head = Optional.ofNullable(heads.get(chain));
      if (head.isPresent()) {
        goOnFrom(check, head.get().mac().toArray());
      }
      ends(check, head, seenElsewhere(chain));
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
      checking.bookmarks.ifPresent(listener -> listener.accept(bookmark.text(newest)));
    }
  }

  private Map<Long, Bytes> seenElsewhere(ChainId chain) {
    return witnessed.getOrDefault(chain, new TreeMap<>());
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
    Map<Long, Bytes> elsewhere = seenElsewhere(chain);
    RawRow row = new RawRow();
    int at = 0;
    try (RowStream rows = rows(chain, check.seq() + 1, to)) {
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
          checking.progress.at(before + records, total);
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

  private static void ends(ChainCheck check, Optional<Head> head, Map<Long, Bytes> seenElsewhere)
      throws Faulty {
    for (long seq : seenElsewhere.keySet()) {
      if (seq > check.seq()) {
        throw new Faulty(
            Fault.TRUNCATED, check.seq() + 1, "a later chain wrote down record " + seq);
      }
    }
    Head recorded =
        head.orElseThrow(() -> new Faulty(Fault.HEAD, check.seq(), "the head itself is missing"));
    if (recorded.seq() > check.seq()) {
      throw new Faulty(Fault.TRUNCATED, check.seq() + 1, "the head is at " + recorded.seq());
    }
    if (recorded.seq() < check.seq()) {
      throw new Faulty(Fault.HEAD, recorded.seq() + 1, "the head is at " + recorded.seq());
    }
    if (!recorded.mac().equals(Bytes.of(check.head()))) {
      throw new Faulty(Fault.HEAD, check.seq(), "another MAC");
    }
  }

  void one(ChainId chain, long seq) throws SQLException, Found {
    readHeads();
    Optional<SignedTree> signed = signedTree();
    readWhatExcuses((of, at, leaf) -> isSigned(signed, of, at, leaf));
    if (prunes.concern(chain, seq) && !isThere(chain, seq)) {
      chain(chain);
      return;
    }
    try (RowStream rows = rows(chain, seq - 1, seq + 1)) {
      one(chain, seq, rows);
    } catch (Faulty e) {
      throw new Found(chain, e);
    }
    inTree(chain, seq, signed);
  }

  /** The newest checkpoint, for whom has the log's public keys. */
  private Optional<SignedTree> signedTree() throws SQLException, Found {
    if (checking.publicKeys.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<SignedTree> signed = SignedTree.newest(connection, tree, checking.publicKeys.get());
      newest = signed.map(SignedTree::note);
      return signed;
    } catch (TreeFaulty e) {
      throw new Found(e, tree.record(e.index()));
    }
  }

  private boolean isSigned(Optional<SignedTree> signed, ChainId chain, long seq, byte[] leaf)
      throws SQLException, TreeFaulty {
    Optional<Long> index = tree.index(chain, seq);
    return signed.isPresent() && index.isPresent() && signed.get().holds(index.get(), leaf);
  }

  private boolean isThere(ChainId chain, long seq) throws SQLException {
    try (RowStream rows = rows(chain, seq, seq)) {
      return rows.next(new RawRow());
    }
  }

  private void one(ChainId chain, long seq, RowStream rows) throws SQLException, Faulty {
    ChainCheck check = new ChainCheck(chain.bytes().toArray(), keys, valueKeys);
    RawRow row = new RawRow();
    boolean found = false;
    while (rows.next(row)) {
      if (row.seq() < seq) {
        check =
            ChainCheck.from(
                chain.bytes().toArray(), keys, valueKeys, row.seq(), row.copy(RawRow.MAC));
      } else if (row.seq() == seq) {
        if (check.seq() == 0 && prunes.concern(chain, seq - 1)) {
          check =
              ChainCheck.from(
                  chain.bytes().toArray(), keys, valueKeys, seq - 1, row.copy(RawRow.PREV_MAC));
        }
        Parsed _ = check.next(row, false);
        found = true;
        records = 1;
        chains = 1;
      } else if (found && !row.holds(RawRow.PREV_MAC, check.head())) {
        throw new Faulty(Fault.PREVIOUS, row.seq(), "");
      }
    }
    Head head = heads.get(chain);
    if (!found) {
      throw new Faulty(Fault.MISSING, seq, "");
    }
    if (head == null || head.seq() < seq) {
      throw new Faulty(Fault.HEAD, seq, "the chain's head does not reach it");
    }
  }

  /**
   * Whether the tree holds the record yet, and as it is: with public keys by the way up to the root
   * that was signed, without them as far as its tile is full.
   */
  private void inTree(ChainId chain, long seq, Optional<SignedTree> signed)
      throws SQLException, Found {
    Optional<Long> index = tree.index(chain, seq);
    boolean covered =
        index.isPresent()
            && (checking.publicKeys.isEmpty()
                || signed.filter(found -> found.covers(index.get())).isPresent());
    if (!covered) {
      pending = 1;
      return;
    }
    byte[] leaf = leaf(chain, seq);
    if (!tree.holds(chain, seq, leaf)) {
      throw new Found(chain, new Faulty(Fault.ENTRY, seq, ""));
    }
    try {
      if (signed.isPresent() && !signed.get().holds(index.get(), leaf)) {
        throw new Found(chain, new Faulty(Fault.ROOT, seq, ""));
      }
    } catch (TreeFaulty e) {
      throw new Found(e, tree.record(e.index()));
    }
  }

  private byte[] leaf(ChainId chain, long seq) throws SQLException {
    RawRow row = new RawRow();
    try (RowStream rows = rows(chain, seq, seq)) {
      return rows.next(row) ? row.copy(RawRow.LEAF) : new byte[0];
    }
  }

  private RowStream rows(ChainId chain, long from, long to) throws SQLException {
    return RowStream.of(
        connection,
        "SELECT "
            + RawRow.COLUMNS
            + " FROM obolus.audit_record WHERE chain = '\\x"
            + chain
            + "' AND seq BETWEEN "
            + from
            + " AND "
            + to
            + " ORDER BY seq");
  }
}
