// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Looks up what two people said of a prune: one proposed it, another agreed to the very same. */
final class Approvals {
  private final Connection connection;
  private final List<VerifierKey> keys;
  private final ValueKeys values;
  private final Optional<PublicKeys> publicKeys;
  private final StoredTree tree;

  Approvals(
      Connection connection,
      List<VerifierKey> keys,
      ValueKeys values,
      Optional<PublicKeys> publicKeys,
      StoredTree tree) {
    this.connection = connection;
    this.keys = keys;
    this.values = values;
    this.publicKeys = publicKeys;
    this.tree = tree;
  }

  /**
   * Whether both are on record.
   *
   * @param sooner prunes that count: what they removed is on record too
   */
  boolean stand(Parsed prune, Prunes sooner) throws SQLException, Malformed {
    List<PruneWord> words = PruneWord.of(prune);
    for (PruneWord word : words) {
      if (!said(word, sooner)) {
        return false;
      }
    }
    return !words.isEmpty();
  }

  private boolean said(PruneWord word, Prunes sooner) throws SQLException, Malformed {
    ChainId chain = word.at().chain();
    long seq = word.at().seq();
    RawRow row = new RawRow();
    try (RowStream rows =
        RowStream.of(
            connection,
            "SELECT "
                + RawRow.COLUMNS
                + " FROM obolus.audit_record WHERE chain = '\\x"
                + chain
                + "' AND seq = "
                + seq)) {
      if (!rows.next(row)) {
        return sooner.concern(chain, seq);
      }
      Parsed record =
          ChainCheck.from(chain.bytes().toArray(), keys, values, seq - 1, row.copy(RawRow.PREV_MAC))
              .next(row, false);
      return word.saidBy(record)
          && (publicKeys.isEmpty() || tree.holds(chain, seq, row.copy(RawRow.LEAF)));
    } catch (Faulty e) {
      return false; // the chain's own check names it
    }
  }
}
