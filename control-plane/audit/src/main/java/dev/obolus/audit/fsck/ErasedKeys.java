// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Reads which keys of hidden values are there, and which of them sound records call erased. With
 * public keys alone those count that stand in the tree: a record that nobody signed yet may be
 * anybody's. It is waited for, while that is worth while.
 */
final class ErasedKeys {
  private static final String ERASURES =
      "SELECT " + RawRow.COLUMNS + " FROM obolus.audit_record WHERE event = 'erased'";

  private final Connection connection;
  private final List<VerifierKey> keys;
  private final Optional<PublicKeys> publicKeys;
  private final StoredTree tree;
  private final Sealed sealed;
  private final Instant now;

  /** Says of a record whether the tree holds it. */
  interface Sealed {
    boolean holds(ChainId chain, long seq, byte[] leaf) throws SQLException, TreeFaulty;
  }

  ErasedKeys(
      Connection connection,
      List<VerifierKey> keys,
      Optional<PublicKeys> publicKeys,
      StoredTree tree,
      Sealed sealed,
      Instant now) {
    this.connection = connection;
    this.keys = keys;
    this.publicKeys = publicKeys;
    this.tree = tree;
    this.sealed = sealed;
    this.now = now;
  }

  ValueKeys read() throws SQLException, Found {
    ValueKeys known = new ValueKeys(Optional.of(KeyNames.read(connection)));
    Waiting waiting = new Waiting(tree.signedAt(), now);
    // an erasure may name the keys of another's operator: first all names, then the checks
    erasures((row, chain) -> {
      Parsed erasure = Parsed.of(row.copy(RawRow.CANONICAL));
      byte[] names = erasure.bytes(Parsed.ERASED_KEYS);
      StoredTree.Place at = new StoredTree.Place(chain, row.seq());
      if (counts(row, chain)) {
        known.erase(names, erasure.text(Parsed.TENANT), at);
      } else if (tree.index(chain, row.seq()).isEmpty()
          && waiting.isWorthWhile(
              Instant.EPOCH.plus(erasure.whole(Parsed.AT), ChronoUnit.MICROS))) {
        known.awaitErasure(names, at);
      }
    });
    erasures((row, chain) -> {
      ChainCheck check =
          ChainCheck.from(
              chain.bytes().toArray(), keys, known, row.seq() - 1, row.copy(RawRow.PREV_MAC));
      Parsed _ = check.next(row, false);
    });
    return known;
  }

  /** Whoever made up a chain without a key cannot make up its MACs, nor its place in the tree. */
  private boolean counts(RawRow row, ChainId chain) throws SQLException, TreeFaulty {
    return publicKeys.isEmpty()
        || !keys.isEmpty()
        || sealed.holds(chain, row.seq(), row.copy(RawRow.LEAF));
  }

  private void erasures(EachRow what) throws SQLException, Found {
    RawRow row = new RawRow();
    try (RowStream rows = RowStream.of(connection, ERASURES)) {
      while (rows.next(row)) {
        ChainId chain = new ChainId(Bytes.of(row.copy(RawRow.CHAIN)));
        try {
          what.take(row, chain);
        } catch (Faulty e) {
          throw new Found(chain, e);
        } catch (TreeFaulty e) {
          throw new Found(e, tree.record(e.index()));
        } catch (Malformed e) {
          throw new Found(chain, new Faulty(Fault.UNREADABLE, row.seq(), "erased keys"));
        }
      }
    }
  }

  /** What is done with a row. */
  private interface EachRow {
    void take(RawRow row, ChainId chain) throws SQLException, Faulty, TreeFaulty, Malformed;
  }
}
