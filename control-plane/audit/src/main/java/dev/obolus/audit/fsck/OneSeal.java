// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.AuditVerifier.Word;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Asks the keys for one record, by its own row and its way up the signed tree. */
final class OneSeal {
  private final Connection connection;
  private final Checking checking;

  OneSeal(Connection connection, Checking checking) {
    this.connection = connection;
    this.checking = checking;
  }

  Word word(ChainId chain, long seq) throws SQLException {
    RawRow row = new RawRow();
    try (RowStream rows = RowStream.of(connection, chain, seq, seq)) {
      if (!rows.next(row)) {
        return Word.UNSURE;
      }
    }
    Word byKey = checking.keys.isEmpty() ? Word.UNSURE : byKey(chain, row);
    return byKey == Word.UNSURE && isSigned(chain, row) ? Word.SEALED : byKey;
  }

  private Word byKey(ChainId chain, RawRow row) {
    try {
      ChainCheck.alone(chain, checking.keys, row);
      return Word.SEALED;
    } catch (Faulty e) {
      return switch (e.fault()) {
        case LEAF, UNREADABLE, PLACE, MAC -> Word.FORGED;
        default -> Word.UNSURE;
      };
    }
  }

  private boolean isSigned(ChainId chain, RawRow row) throws SQLException {
    if (checking.publicKeys.isEmpty()) {
      return false;
    }
    try {
      ChainCheck.alone(chain, List.of(), row);
      StoredTree tree = StoredTree.forProofs(connection);
      Optional<SignedTree> signed = SignedTree.newest(connection, tree, checking.publicKeys.get());
      Optional<Long> index = tree.index(chain, row.seq());
      return signed.isPresent()
          && index.isPresent()
          && signed.get().holds(index.get(), row.copy(RawRow.LEAF));
    } catch (Faulty | TreeFaulty e) {
      return false;
    }
  }
}
