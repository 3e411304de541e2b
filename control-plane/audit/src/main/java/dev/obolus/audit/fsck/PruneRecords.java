// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.StoredTree.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the records of prunes and the notes that the log signed of them. Those count of which two
 * people's words are on record; with public keys only those that also stand in the tree and have a
 * true note.
 */
final class PruneRecords {
  private static final String RECORDS =
      "SELECT " + RawRow.COLUMNS + " FROM obolus.audit_record WHERE event = 'pruned'";

  private final Connection connection;
  private final List<VerifierKey> keys;
  private final Optional<PublicKeys> publicKeys;
  private final StoredTree tree;

  PruneRecords(
      Connection connection,
      List<VerifierKey> keys,
      Optional<PublicKeys> publicKeys,
      StoredTree tree) {
    this.connection = connection;
    this.keys = keys;
    this.publicKeys = publicKeys;
    this.tree = tree;
  }

  Prunes read(ValueKeys values) throws SQLException, Found {
    Prunes prunes = new Prunes();
    Map<Place, String> notes = notes();
    Map<Place, RawRow> rows = rows();
    Map<Place, Parsed> waiting = new HashMap<>();
    for (Map.Entry<Place, RawRow> entry : rows.entrySet()) {
      Place at = entry.getKey();
      try {
        Parsed record = sound(at, entry.getValue(), values);
        String note = notes.remove(at);
        if (note != null) {
          Prunes.noted(at, entry.getValue().copy(RawRow.LEAF), record, note, publicKeys);
        }
        if (publicKeys.isEmpty()
            || (note != null && tree.index(at.chain(), at.seq()).isPresent())) {
          Parsed _ = waiting.put(at, record);
        }
      } catch (Faulty e) {
        throw new Found(at.chain(), e);
      } catch (Malformed e) {
        throw new Found(
            at.chain(), new Faulty(Fault.UNREADABLE, at.seq(), String.valueOf(e.getMessage())));
      }
    }
    for (Place lonely : notes.keySet()) {
      throw new Found(
          lonely.chain(), new Faulty(Fault.PRUNE, lonely.seq(), "there is a note of it alone"));
    }
    Approvals approvals = new Approvals(connection, keys, values, publicKeys, tree);
    while (takeApproved(waiting, approvals, prunes)) {
      // what one of them removed may be the words of an earlier one
    }
    return prunes;
  }

  /** Takes those whose approvals stand; answers whether there was one. */
  private static boolean takeApproved(
      Map<Place, Parsed> waiting, Approvals approvals, Prunes prunes) throws SQLException, Found {
    boolean taken = false;
    for (Map.Entry<Place, Parsed> entry : List.copyOf(waiting.entrySet())) {
      Place at = entry.getKey();
      try {
        if (approvals.stand(entry.getValue(), prunes)) {
          prunes.take(at.chain(), at.seq(), entry.getValue());
          Parsed _ = waiting.remove(at);
          taken = true;
        }
      } catch (Malformed e) {
        throw new Found(
            at.chain(), new Faulty(Fault.UNREADABLE, at.seq(), String.valueOf(e.getMessage())));
      }
    }
    return taken;
  }

  private Map<Place, String> notes() throws SQLException {
    Map<Place, String> notes = new HashMap<>();
    try (PreparedStatement query =
            connection.prepareStatement("SELECT chain, seq, note FROM obolus.audit_prune_note");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Place at = new Place(new ChainId(Bytes.of(rows.getBytes(1))), rows.getLong(2));
        String _ = notes.put(at, rows.getString(3));
      }
    }
    return notes;
  }

  private Map<Place, RawRow> rows() throws SQLException {
    Map<Place, RawRow> found = new HashMap<>();
    try (RowStream rows = RowStream.of(connection, RECORDS)) {
      RawRow row = new RawRow();
      while (rows.next(row)) {
        RawRow _ =
            found.put(new Place(new ChainId(Bytes.of(row.copy(RawRow.CHAIN))), row.seq()), row);
        row = new RawRow();
      }
    }
    return found;
  }

  /** The record itself; its place in its chain is checked with the chain. */
  private Parsed sound(Place at, RawRow row, ValueKeys values)
      throws SQLException, Faulty, Malformed {
    Parsed record =
        ChainCheck.from(
                at.chain().bytes().toArray(), keys, values, at.seq() - 1, row.copy(RawRow.PREV_MAC))
            .next(row, false);
    Optional<Note> signed = tree.checkpoint(size(Prunes.tree(record)));
    if (signed.isEmpty() || !Prunes.tree(signed.get()).equals(Prunes.tree(record))) {
      throw new Faulty(Fault.PRUNE, at.seq(), "no checkpoint has the root that it names");
    }
    return record;
  }

  private static long size(String tree) {
    return Long.parseLong(tree.substring(0, tree.indexOf(' ')));
  }
}
