// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Checks one record, its links to its neighbours, and that the tree holds it. */
final class OneRecord {
  private final Connection connection;
  private final List<VerifierKey> keys;
  private final ValueKeys values;
  private final Prunes prunes;
  private final StoredHeads heads;
  private final StoredTree tree;

  OneRecord(
      Connection connection,
      List<VerifierKey> keys,
      ValueKeys values,
      Prunes prunes,
      StoredHeads heads,
      StoredTree tree) {
    this.connection = connection;
    this.keys = keys;
    this.values = values;
    this.prunes = prunes;
    this.heads = heads;
    this.tree = tree;
  }

  /** Whether its row is there. */
  boolean isThere(ChainId chain, long seq) throws SQLException {
    try (RowStream rows = RowStream.of(connection, chain, seq, seq)) {
      return rows.next(new RawRow());
    }
  }

  /** Checks it and its links; answers its leaf. */
  byte[] check(ChainId chain, long seq) throws SQLException, Found {
    try (RowStream rows = RowStream.of(connection, chain, seq - 1, seq + 1)) {
      byte[] leaf = check(chain, seq, rows);
      if (heads.of(chain).filter(head -> head.seq() >= seq).isEmpty()) {
        throw new Faulty(Fault.HEAD, seq, "the chain's head does not reach it");
      }
      return leaf;
    } catch (Faulty e) {
      throw new Found(chain, e);
    }
  }

  private byte[] check(ChainId chain, long seq, RowStream rows) throws SQLException, Faulty {
    byte[] id = chain.bytes().toArray();
    ChainCheck check = new ChainCheck(id, keys, values);
    RawRow row = new RawRow();
    byte[] leaf = new byte[0];
    while (rows.next(row)) {
      if (row.seq() < seq) {
        check = ChainCheck.from(id, keys, values, row.seq(), row.copy(RawRow.MAC));
      } else if (row.seq() == seq) {
        if (check.seq() == 0 && prunes.concern(chain, seq - 1)) {
          check = ChainCheck.from(id, keys, values, seq - 1, row.copy(RawRow.PREV_MAC));
        }
        Parsed _ = check.next(row, false);
        leaf = row.copy(RawRow.LEAF);
      } else if (leaf.length > 0 && !row.holds(RawRow.PREV_MAC, check.head())) {
        throw new Faulty(Fault.PREVIOUS, row.seq(), "");
      }
    }
    if (leaf.length == 0) {
      throw new Faulty(Fault.MISSING, seq, "");
    }
    return leaf;
  }

  /** Whether the tree holds it, as far as that can be seen without its signature. */
  boolean isInTree(ChainId chain, long seq, byte[] leaf) throws SQLException, Found {
    if (tree.index(chain, seq).isEmpty()) {
      return false;
    }
    if (!tree.holds(chain, seq, leaf)) {
      throw new Found(chain, new Faulty(Fault.ENTRY, seq, ""));
    }
    return true;
  }

  /** Whether a checkpoint covers it, by the way up to the root that was signed. */
  boolean isSigned(ChainId chain, long seq, byte[] leaf, SignedTree signed)
      throws SQLException, Found {
    Optional<Long> index = tree.index(chain, seq).filter(signed::covers);
    if (index.isEmpty() || !isInTree(chain, seq, leaf)) {
      return false;
    }
    try {
      if (!signed.holds(index.get(), leaf)) {
        throw new Found(chain, new Faulty(Fault.ROOT, seq, ""));
      }
      return true;
    } catch (TreeFaulty e) {
      throw new Found(e, tree.record(e.index()));
    }
  }
}
