// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Bad;
import dev.obolus.audit.fsck.Verification.OpenPermit;
import dev.obolus.audit.fsck.Verification.State;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Verifies the log from its rows, in one snapshot of the database: every leaf, MAC, link, count,
 * commitment and search column, the heads, the heads that later chains wrote down when they opened,
 * that every record is the entry that the tree holds for it, the tree, and every checkpoint. Stops
 * at the first fault.
 *
 * <p>Guarantees: with the log's public keys, any change to what a checkpoint covers is found. With
 * a checkpoint that was kept elsewhere, also the cutting off of what that one covers. With the root
 * key, any change to what no checkpoint covers yet, but for cutting off newest records together
 * with their heads. Without any key hashes, links and columns are checked, which an intruder who
 * recomputes them all can satisfy.
 *
 * <p>Blocks. The connection's role needs SELECT on the log's table and heads; the connection is
 * left in another transaction mode.
 */
public final class AuditVerifier {
  private static final int SLICE = 65_536;
  private static final byte[] TOMBSTONE = "OBO0003A".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PERMIT = "OBO1001A".getBytes(StandardCharsets.US_ASCII);

  /** Named where a fault of the tree concerns no record that is known. */
  private static final ChainId NO_CHAIN = new ChainId(Bytes.of(new byte[ChainId.LENGTH]));

  private final List<VerifierKey> keys;
  private final Optional<PublicKeys> publicKeys;
  private final List<Note> kept;
  private final Progress progress;

  /** Told now and then how far a verification has come. */
  @FunctionalInterface
  public interface Progress {
    void at(long records, long of);
  }

  private AuditVerifier(
      List<VerifierKey> keys, Optional<PublicKeys> publicKeys, List<Note> kept, Progress progress) {
    this.keys = List.copyOf(keys);
    this.publicKeys = publicKeys;
    this.kept = List.copyOf(kept);
    this.progress = progress;
  }

  public AuditVerifier(Optional<VerifierKey> key) {
    this(key.stream().toList(), Optional.empty(), List.of(), (records, of) -> {});
  }

  /** With root keys, to check MACs too: every one under which records may have been sealed. */
  public AuditVerifier with(List<VerifierKey> roots) {
    return new AuditVerifier(roots, publicKeys, kept, progress);
  }

  /** With the log's and its witnesses' public keys, to check what was signed. */
  public AuditVerifier with(PublicKeys trusted) {
    return new AuditVerifier(keys, Optional.of(trusted), kept, progress);
  }

  /**
   * With checkpoints that were kept where the log's owner could not change them: the log must hold
   * what they say.
   *
   * @param notes signed notes; {@link IllegalArgumentException} if one is none
   */
  public AuditVerifier holding(List<String> notes) {
    return new AuditVerifier(keys, publicKeys, notes.stream().map(Note::parse).toList(), progress);
  }

  public AuditVerifier telling(Progress listener) {
    return new AuditVerifier(keys, publicKeys, kept, listener);
  }

  /** Verifies everything. */
  public Verification verify(Connection connection) throws SQLException {
    snapshot(connection);
    Run run = new Run(connection);
    try {
      run.everything();
      return run.result(Optional.empty());
    } catch (Found found) {
      return run.result(Optional.of(found.bad));
    } finally {
      connection.rollback();
    }
  }

  /** Verifies one record and its links to its neighbours. */
  public Verification verify(Connection connection, ChainId chain, long seq) throws SQLException {
    snapshot(connection);
    Run run = new Run(connection);
    try {
      run.one(chain, seq);
      return run.result(Optional.empty());
    } catch (Found found) {
      return run.result(Optional.of(found.bad));
    } finally {
      connection.rollback();
    }
  }

  private static void snapshot(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
  }

  private record Head(long seq, Bytes mac) {}

  /** One verification. */
  private final class Run {
    private final Connection connection;
    private final long began = System.nanoTime();
    private final Map<ChainId, Head> heads = new LinkedHashMap<>();
    private final Map<ChainId, TreeMap<Long, Bytes>> witnessed = new HashMap<>();
    private final Map<Permit, OpenPermit> permits = new LinkedHashMap<>();
    private final Set<Permit> concluded = new HashSet<>();
    private final Map<ChainId, Long> buried = new HashMap<>();
    private final StoredTree tree;
    private final KeyHistory history = new KeyHistory(keys);
    private Optional<Note> newest = Optional.empty();
    private ValueKeys valueKeys = ValueKeys.unknown();
    private long total;
    private long records;
    private long pending;
    private long chains;

    Run(Connection connection) throws SQLException {
      this.connection = connection;
      this.tree = new StoredTree(connection);
    }

    Verification result(Optional<Bad> bad) throws SQLException {
      boolean nothing = records == 0 || (publicKeys.isPresent() && pending == records);
      State state = bad.isPresent() ? State.BROKEN : nothing ? State.PENDING : State.VERIFIED;
      return new Verification(
          state,
          !keys.isEmpty(),
          records,
          pending,
          chains,
          newest.map(note -> new Verification.Signed(note.size(), witnesses())),
          bad,
          List.copyOf(permits.values()),
          Duration.ofNanos(System.nanoTime() - began));
    }

    void everything() throws SQLException, Found {
      readHeads();
      readErasures();
      Set<ChainId> known = new LinkedHashSet<>(heads.keySet());
      known.addAll(storedChains());
      for (ChainId chain : known) {
        readOpening(chain);
      }
      known.addAll(witnessed.keySet());
      for (ChainId chain : known) {
        chain(chain);
        chains++;
      }
      buried();
      tree();
    }

    /** Nothing may follow where a successor ended a chain. */
    private void buried() throws Found {
      for (Map.Entry<ChainId, Long> end : buried.entrySet()) {
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
        TreeCheck check = new TreeCheck(publicKeys, kept, tree::upper);
        newest = tree.check(check);
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
      if (publicKeys.isEmpty()) {
        return sizes;
      }
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT DISTINCT ON (witness) c.note, s.lines FROM obolus.audit_cosignature s"
                      + " JOIN obolus.audit_checkpoint c USING (size) ORDER BY witness, size DESC")) {
        while (rows.next()) {
          Note note = Note.parse(rows.getString(1) + rows.getString(2));
          publicKeys
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

    /** The keys of hidden values that are there, and those that sound records call erased. */
    private void readErasures() throws SQLException, Found {
      Set<Bytes> stored = new HashSet<>();
      try (PreparedStatement query =
              connection.prepareStatement("SELECT name FROM obolus.audit_value_key");
          ResultSet names = query.executeQuery()) {
        while (names.next()) {
          stored.add(Bytes.of(names.getBytes(1)));
        }
      }
      valueKeys = new ValueKeys(Optional.of(stored), new HashSet<>());
      // an erasure may name the keys of another's operator: first all names, then the checks
      erasures((row, chain) ->
          valueKeys.erase(Parsed.of(row.copy(RawRow.CANONICAL)).bytes(Parsed.ERASED_KEYS)));
      erasures((row, chain) -> {
        Parsed _ =
            ChainCheck.from(
                    chain.bytes().toArray(),
                    keys,
                    valueKeys,
                    row.seq() - 1,
                    row.copy(RawRow.PREV_MAC))
                .next(row, false);
      });
    }

    private void erasures(EachRow what) throws SQLException, Found {
      RawRow row = new RawRow();
      try (RowStream rows =
          RowStream.of(
              connection,
              "SELECT " + RawRow.COLUMNS + " FROM obolus.audit_record WHERE event = 'erased'")) {
        while (rows.next(row)) {
          ChainId chain = new ChainId(Bytes.of(row.copy(RawRow.CHAIN)));
          try {
            what.take(row, chain);
          } catch (Faulty e) {
            throw new Found(chain, e);
          } catch (Malformed e) {
            throw new Found(chain, new Faulty(Fault.UNREADABLE, row.seq(), "erased keys"));
          }
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
        if (!line.matches("[0-9a-f]{32} [0-9]{1,18} [0-9a-f]{64}")) {
          throw new Malformed("an earlier head");
        }
        String[] part = line.split(" ", -1);
        Bytes _ =
            witnessed
                .computeIfAbsent(ChainId.parse(part[0]), any -> new TreeMap<>())
                .put(Long.valueOf(part[1]), Bytes.ofHex(part[2]));
      }
    }

    private void chain(ChainId chain) throws SQLException, Found {
      ChainCheck check = new ChainCheck(chain.bytes().toArray(), keys, valueKeys);
      try {
        List<StoredTree.Span> spans = tree.spans(chain, 1, SLICE);
        while (!spans.isEmpty()) {
          slice(chain, check, spans);
          spans = tree.spans(chain, check.seq() + 1, SLICE);
        }
        long covered = check.seq();
        rows(chain, check, Long.MAX_VALUE, new byte[0]);
        pending += check.seq() - covered;
        ends(check, Optional.ofNullable(heads.get(chain)), seenElsewhere(chain));
      } catch (Faulty e) {
        throw new Found(chain, e);
      } catch (Malformed e) {
        throw new Found(chain, new Faulty(Fault.UNREADABLE, check.seq(), ""));
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
      if (check.seq() < last.lastSeq()) {
        throw new Faulty(
            Fault.TRUNCATED, check.seq() + 1, "the tree holds record " + last.lastSeq());
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
          note(chain, row.seq(), check.next(row, true));
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
            progress.at(records, total);
          }
        }
      }
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

    /** Pairs permits with outcomes. */
    private void note(ChainId chain, long seq, Parsed parsed) throws Malformed {
      if (parsed.has(Parsed.PERMIT_SEQ)) {
        Permit permit =
            new Permit(
                Bytes.of(parsed.bytes(Parsed.PERMIT_CHAIN)), parsed.whole(Parsed.PERMIT_SEQ));
        if (permits.remove(permit) == null) {
          concluded.add(permit);
        }
      } else if (parsed.holds(Parsed.CODE, PERMIT)) {
        Permit permit = new Permit(chain.bytes(), seq);
        if (!concluded.remove(permit)) {
          permits.put(permit, new OpenPermit(chain, seq, parsed.text(Parsed.DECISION_ID)));
        }
      } else if (parsed.holds(Parsed.CODE, TOMBSTONE)) {
        for (String line : parsed.texts(Parsed.EARLIER_HEADS)) {
          String[] end = line.split(" ", -1);
          if (!line.matches("[0-9a-f]{32} [0-9]{1,18} [0-9a-f]{64}")) {
            throw new Malformed("an ended chain");
          }
          buried.merge(ChainId.parse(end[0]), Long.parseLong(end[1]), Math::min);
        }
      }
    }

    void one(ChainId chain, long seq) throws SQLException, Found {
      readHeads();
      readErasures();
      try (RowStream rows = rows(chain, seq - 1, seq + 1)) {
        one(chain, seq, rows);
      } catch (Faulty e) {
        throw new Found(chain, e);
      }
      inTree(chain, seq);
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

    /** Whether the tree holds the record yet, and as it is, where its tile is full. */
    private void inTree(ChainId chain, long seq) throws SQLException, Found {
      List<StoredTree.Span> spans = tree.spans(chain, seq, 1);
      if (spans.isEmpty()) {
        pending = 1;
        return;
      }
      byte[] leaves = tree.leaves(spans);
      int at = (int) (seq - spans.getFirst().firstSeq()) * MerkleTree.HASH;
      RawRow row = new RawRow();
      try (RowStream rows = rows(chain, seq, seq)) {
        if (rows.next(row)
            && leaves.length > at
            && !row.holds(RawRow.LEAF, leaves, at, at + MerkleTree.HASH)) {
          throw new Found(chain, new Faulty(Fault.ENTRY, seq, ""));
        }
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

  /** What is done with a row. */
  private interface EachRow {
    void take(RawRow row, ChainId chain) throws Faulty, Malformed;
  }

  /** A permit's place. */
  private record Permit(Bytes chain, long seq) {}

  /** The first fault. */
  private static final class Found extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Bad bad;

    Found(TreeFaulty faulty, Optional<StoredTree.Place> place) {
      super(faulty.fault().name(), null, false, false);
      ChainId chain = place.map(StoredTree.Place::chain).orElse(NO_CHAIN);
      this.bad =
          new Bad(
              chain,
              place.map(StoredTree.Place::seq).orElse(1L),
              faulty.fault(),
              faulty.getMessage()
                  + place
                      .map(at -> " (from record " + at.seq() + " of chain " + at.chain() + " on)")
                      .orElse(""));
    }

    Found(ChainId chain, Faulty faulty) {
      super(faulty.fault().name(), null, false, false);
      this.bad =
          new Bad(
              chain,
              Math.max(1, faulty.seq()),
              faulty.fault(),
              faulty
                  .fault()
                  .sentence(chain.toString(), Math.max(1, faulty.seq()), faulty.detail()));
    }
  }
}
