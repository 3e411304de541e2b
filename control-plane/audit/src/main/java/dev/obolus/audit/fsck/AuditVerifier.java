// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.ChainCheck.Faulty;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Bad;
import dev.obolus.audit.fsck.Verification.OpenPermit;
import dev.obolus.audit.fsck.Verification.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
import org.postgresql.PGStatement;

/**
 * Verifies the log from its rows, in one snapshot of the database: every leaf, MAC, link, count,
 * commitment and search column, the heads, and the heads that later chains wrote down when they
 * opened. Stops at the first fault.
 *
 * <p>Guarantees: with the root key, any change to what is stored is found, but for the cutting off
 * of newest records of newest chains together with their heads: that needs a witness. Without the
 * key hashes, links and columns are checked, which an intruder who recomputes them all can satisfy.
 *
 * <p>Blocks. The connection's role needs SELECT on the log's table and heads; the connection is
 * left in another transaction mode.
 */
public final class AuditVerifier {
  private static final int FETCH = 2_000;

  private final Optional<VerifierKey> key;

  public AuditVerifier(Optional<VerifierKey> key) {
    this.key = key;
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
    private final Map<String, OpenPermit> permits = new LinkedHashMap<>();
    private final Set<String> concluded = new HashSet<>();
    private long records;
    private long chains;

    Run(Connection connection) {
      this.connection = connection;
    }

    Verification result(Optional<Bad> bad) {
      State state = bad.isPresent() ? State.BROKEN : records == 0 ? State.PENDING : State.VERIFIED;
      return new Verification(
          state,
          key.isPresent(),
          records,
          chains,
          bad,
          List.copyOf(permits.values()),
          Duration.ofNanos(System.nanoTime() - began));
    }

    void everything() throws SQLException, Found {
      readHeads();
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
    }

    private void readHeads() throws SQLException {
      try (PreparedStatement query =
              connection.prepareStatement(
                  "SELECT chain, seq, mac FROM obolus.audit_head ORDER BY opened_at, chain");
          ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Head head = new Head(rows.getLong(2), Bytes.of(rows.getBytes(3)));
          heads.put(new ChainId(Bytes.of(rows.getBytes(1))), head);
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
      try (PreparedStatement query = query(chain, " AND seq = 1", FETCH);
          ResultSet rows = query.executeQuery()) {
        if (rows.next()) {
          ChainCheck check = new ChainCheck(chain.bytes().toArray(), key);
          witness(check.next(Row.read(rows), true).texts(Parsed.EARLIER_HEADS));
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
      ChainCheck check = new ChainCheck(chain.bytes().toArray(), key);
      Map<Long, Bytes> seenElsewhere = witnessed.getOrDefault(chain, new TreeMap<>());
      try (PreparedStatement query = query(chain, " ORDER BY seq", FETCH);
          ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Row row = Row.read(rows);
          note(chain, row, check.next(row, true));
          Bytes noted = seenElsewhere.get(row.seq());
          if (noted != null && !noted.equals(Bytes.of(row.mac()))) {
            throw new Faulty(Fault.HEAD, row.seq(), "written down by a later chain");
          }
          records++;
        }
        ends(check, Optional.ofNullable(heads.get(chain)), seenElsewhere);
      } catch (Faulty e) {
        throw new Found(chain, e);
      } catch (Malformed e) {
        throw new Found(chain, new Faulty(Fault.UNREADABLE, check.seq(), ""));
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
    private void note(ChainId chain, Row row, Parsed parsed) throws Malformed {
      if (parsed.has(Parsed.PERMIT_SEQ)) {
        String permit =
            Bytes.of(parsed.bytes(Parsed.PERMIT_CHAIN)) + " " + parsed.whole(Parsed.PERMIT_SEQ);
        if (permits.remove(permit) == null) {
          concluded.add(permit);
        }
      } else if (parsed.text(Parsed.CODE).equals("OBO1001A")) {
        String place = chain + " " + row.seq();
        if (!concluded.remove(place)) {
          permits.put(place, new OpenPermit(chain, row.seq(), parsed.text(Parsed.DECISION_ID)));
        }
      }
    }

    void one(ChainId chain, long seq) throws SQLException, Found {
      readHeads();
      try (PreparedStatement query =
              query(
                  chain,
                  " AND seq BETWEEN " + (seq - 1) + " AND " + (seq + 1) + " ORDER BY seq",
                  0);
          ResultSet rows = query.executeQuery()) {
        one(chain, seq, rows);
      } catch (Faulty e) {
        throw new Found(chain, e);
      }
    }

    private void one(ChainId chain, long seq, ResultSet rows) throws SQLException, Faulty {
      ChainCheck check = new ChainCheck(chain.bytes().toArray(), key);
      boolean found = false;
      while (rows.next()) {
        Row row = Row.read(rows);
        if (row.seq() < seq) {
          check = ChainCheck.from(chain.bytes().toArray(), key, row.seq(), row.mac());
        } else if (row.seq() == seq) {
          Parsed _ = check.next(row, false);
          found = true;
          records = 1;
          chains = 1;
        } else if (found && !Bytes.of(row.prevMac()).equals(Bytes.of(check.head()))) {
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

    private PreparedStatement query(ChainId chain, String rest, int fetch) throws SQLException {
      PreparedStatement query = connection.prepareStatement(Row.SELECT + rest);
      query.unwrap(PGStatement.class).setPrepareThreshold(-1); // binary, at once
      query.setFetchSize(fetch);
      query.setBytes(1, chain.bytes().toArray());
      return query;
    }
  }

  /** The first fault. */
  private static final class Found extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Bad bad;

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
