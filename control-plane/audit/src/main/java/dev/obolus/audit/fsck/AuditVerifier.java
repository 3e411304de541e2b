// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Verifies the log from its rows, in one snapshot of the database: every leaf, MAC, link, count,
 * commitment and search column, the heads, the heads that later chains wrote down when they opened,
 * that every record is the entry that the tree holds for it, the tree, and every checkpoint. Stops
 * at the first fault.
 *
 * <p>Guarantees: with the log's public keys, any change to what a checkpoint covers is found, but
 * for values that a signed erasure excuses and records that a signed prune does; an erasure that is
 * not signed yet excuses for an hour at most that a key is gone, which is pending. With a
 * checkpoint that was kept elsewhere, also the cutting off of what that one covers. With the root
 * key, any change to what no checkpoint covers yet, but for cutting off newest records together
 * with their heads. Without any key hashes, links and columns are checked, which an intruder who
 * recomputes them all can satisfy.
 *
 * <p>Blocks. The connection's role needs SELECT on the log's table and heads; the connection is
 * left in another transaction mode.
 */
public final class AuditVerifier {
  private final Checking checking;

  /** Told now and then how far a verification has come. */
  @FunctionalInterface
  public interface Progress {
    void at(long records, long of);
  }

  private AuditVerifier(Checking checking) {
    this.checking = checking;
  }

  public AuditVerifier(Optional<VerifierKey> key) {
    this(new Checking());
    checking.keys = key.stream().toList();
  }

  private AuditVerifier changed(Consumer<Checking> how) {
    Checking copy = checking.copy();
    how.accept(copy);
    return new AuditVerifier(copy);
  }

  /** With root keys, to check MACs too: every one under which records may have been sealed. */
  public AuditVerifier with(List<VerifierKey> roots) {
    return changed(made -> made.keys = List.copyOf(roots));
  }

  /** With the log's and its witnesses' public keys, to check what was signed. */
  public AuditVerifier with(PublicKeys trusted) {
    return changed(made -> made.publicKeys = Optional.of(trusted));
  }

  /**
   * With checkpoints that were kept where the log's owner could not change them: the log must hold
   * what they say.
   *
   * @param notes signed notes; {@link IllegalArgumentException} if one is none
   */
  public AuditVerifier holding(List<String> notes) {
    List<Note> kept = notes.stream().map(Note::parse).toList();
    return changed(made -> made.kept = kept);
  }

  /** With time-stamping authorities, to check their stamps of checkpoints. */
  public AuditVerifier with(TimeStamps authorities) {
    return changed(made -> made.timeStamps = authorities);
  }

  public AuditVerifier telling(Progress listener) {
    return changed(made -> made.progress = listener);
  }

  /** At another time than now. */
  AuditVerifier at(InstantSource clock) {
    return changed(made -> made.clock = clock);
  }

  /**
   * Goes on where an earlier verification came to, without reading again what that one checked, and
   * gives bookmarks itself, now and then and at a sound end.
   *
   * @param bookmark what the earlier one gave last; {@link #verify} fails with {@link
   *     IllegalArgumentException} if it is none, or if it was made with other root keys
   */
  public AuditVerifier goingOn(Optional<String> bookmark, Consumer<String> bookmarks) {
    return changed(made -> {
      made.bookmark = bookmark;
      made.bookmarks = Optional.of(bookmarks);
    });
  }

  /** Verifies everything. */
  public Verification verify(Connection connection) throws SQLException {
    snapshot(connection);
    LogCheck run = new LogCheck(connection, checking);
    try {
      run.everything();
      return run.result(Optional.empty());
    } catch (Found found) {
      return run.result(Optional.of(found.bad()));
    } finally {
      leave(connection);
    }
  }

  /**
   * Verifies one record and its links to its neighbours; with the log's public keys also the newest
   * checkpoint's signatures, and that the record is in the tree that was signed. {@code PENDING} if
   * no checkpoint covers it yet.
   */
  public Verification verify(Connection connection, ChainId chain, long seq) throws SQLException {
    snapshot(connection);
    LogCheck run = new LogCheck(connection, checking);
    try {
      run.one(chain, seq);
      return run.result(Optional.empty());
    } catch (Found found) {
      return run.result(Optional.of(found.bad()));
    } finally {
      leave(connection);
    }
  }

  /** What a key says of one record. */
  public enum Word {
    SEALED,
    /** Somebody without the key wrote it. */
    FORGED,
    /** Not signed yet, under a key that is not here, or broken so that nobody can tell. */
    UNSURE
  }

  /**
   * Whether a key vouches for one record's sealed bytes and columns: its MAC where the root key is
   * held, else the log's signature by the way up to the newest checkpoint's root. A proof that
   * fails is no proof of the contrary: whoever can add rows can add to the tree's tables. Says
   * nothing of the record's neighbours and values, and reads nothing that grows with the log but
   * that way.
   */
  public Word vouch(Connection connection, ChainId chain, long seq) throws SQLException {
    begin(connection);
    try {
      return new OneSeal(connection, checking).word(chain, seq);
    } finally {
      leave(connection);
    }
  }

  private static void leave(Connection connection) throws SQLException {
    try {
      connection.rollback();
    } catch (SQLException e) {
      if (!"57014".equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(); // what ended a COPY that was left early came late
    }
  }

  private static void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
  }

  private static void snapshot(Connection connection) throws SQLException {
    begin(connection);
    try (java.sql.Statement statement = connection.createStatement()) {
      // a prune empties a month's table, which no snapshot would hide: it waits for us, or we for
      // it
      boolean _ = statement.execute("LOCK TABLE obolus.audit_record IN ACCESS SHARE MODE");
    }
  }
}
