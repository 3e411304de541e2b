// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The whole tree with all that was signed of it: checkpoints, cosignatures, time stamps. */
final class SignedLog {
  private final Connection connection;
  private final Checking checking;
  private final StoredTree tree;
  private Optional<Note> newest = Optional.empty();
  private Map<String, Verification.Stamp> stamps = Map.of();

  SignedLog(Connection connection, Checking checking, StoredTree tree) {
    this.connection = connection;
    this.checking = checking;
    this.tree = tree;
  }

  /**
   * Checks all of it, and that it is of these heads.
   *
   * @param held checkpoints that the log must still hold
   */
  void check(StoredHeads heads, List<Note> held, KeyHistory history) throws SQLException, Found {
    try {
      TreeCheck check = new TreeCheck(checking.publicKeys, held, tree::upper);
      newest = tree.check(check);
      stamps = checking.timeStamps.check(connection);
      for (Map.Entry<ChainId, TreeCheck.Head> signed : check.heads().entrySet()) {
        if (heads.of(signed.getKey()).isEmpty()) {
          throw new Found(
              signed.getKey(),
              new Faulty(Fault.TRUNCATED, 1, "the tree holds " + signed.getValue().seq()));
        }
      }
    } catch (TreeFaulty e) {
      throw new Found(e, tree.record(e.index()));
    }
    Optional<KeyHistory.Late> late = history.late(heads.ends(), tree::index);
    if (late.isPresent()) {
      throw new Found(
          late.get().chain(), new Faulty(Fault.REVOKED, late.get().seq(), late.get().detail()));
    }
  }

  /** Only the newest checkpoint; empty without public keys. */
  Optional<SignedTree> newestAlone() throws SQLException, Found {
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

  /** The newest checkpoint that was found sound. */
  Optional<Note> newest() {
    return newest;
  }

  Optional<Verification.Signed> found() {
    return newest.map(note -> new Verification.Signed(note.size(), witnesses(), stamps));
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
}
