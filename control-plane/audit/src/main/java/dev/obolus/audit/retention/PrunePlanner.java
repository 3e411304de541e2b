// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.retention;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.tree.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds out what a prune of a month would remove. Records of no tenant stay, and so do erasures:
 * the rest is verified by them. What is not under a signed checkpoint, in tiles that are full,
 * stays too.
 *
 * <p>Blocks. One snapshot of the database; the connection is left in another transaction mode.
 */
public final class PrunePlanner {
  /** A record names no more chains than fit it. */
  private static final int CHAINS = 200;

  private static final int LEAVES_AT_ONCE = 65_536;
  private static final int FETCH = 10_000;
  private static final int WIDTH = 256;

  private final Connection connection;
  private final TreeStore tree;

  private PrunePlanner(Connection connection) {
    this.connection = connection;
    this.tree = new TreeStore(connection);
  }

  /** The connection's role needs SELECT on the log. */
  public static PrunePlanner of(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    return new PrunePlanner(connection);
  }

  /** The tenants with records of that month that could be pruned, each with how many. */
  public Map<String, Long> tenants(int epoch) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT tenant, count(*) FROM obolus.audit_record WHERE epoch = ? AND tenant <> '-'"
                + " AND event <> 'erased' GROUP BY tenant")) {
      query.setInt(1, epoch);
      Map<String, Long> found = new TreeMap<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          Long _ = found.put(rows.getString(1), rows.getLong(2));
        }
      }
      return found;
    }
  }

  /**
   * Names what would be gone then. Fails with {@link PrunePlan.NotYet} while anything of it must
   * not go: a chain is open still, or not yet under a signed checkpoint.
   */
  public PrunePlan plan(int epoch, Set<String> tenants)
      throws SQLException, IOException, PrunePlan.NotYet {
    TreeStore.Signed newest =
        tree.newest()
            .orElseThrow(() ->
                new PrunePlan.NotYet(
                    "No checkpoint was signed yet: nothing would prove the rest."));
    Set<String> all = new TreeSet<>(tenants);
    all.addAll(prunedBefore(epoch));
    List<String> lines = new ArrayList<>();
    long records = 0;
    for (Ended chain : chains(epoch)) {
      long going = going(chain, all);
      if (going > 0) {
        if (lines.size() == CHAINS) {
          return new PrunePlan(epoch, List.copyOf(all), lines, tree(newest), records, true);
        }
        lines.add(line(chain, all, newest.size() / WIDTH * WIDTH));
        records += going;
      }
    }
    return new PrunePlan(epoch, List.copyOf(all), lines, tree(newest), records, false);
  }

  private static String tree(TreeStore.Signed newest) {
    Checkpoint checkpoint = Checkpoint.parse(newest.note().text());
    return checkpoint.size() + " " + checkpoint.root().hex();
  }

  /** What earlier prunes of that month named is gone, or about to be: the next one says so too. */
  private Set<String> prunedBefore(int epoch) throws SQLException {
    Set<String> tenants = new TreeSet<>();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT canonical FROM obolus.audit_record WHERE event = 'pruned'");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Map<String, Field> fields = CanonicalReader.read(rows.getBytes(1));
        if (fields.get("pruned_epoch") instanceof Field.Whole(long month)
            && month == epoch
            && fields.get("pruned_tenants") instanceof Field.Texts(List<String> named)) {
          tenants.addAll(named);
        }
      }
    }
    return tenants;
  }

  /** A chain of a month that is over. */
  private record Ended(ChainId id, long head, Bytes mac) {}

  private List<Ended> chains(int epoch) throws SQLException, PrunePlan.NotYet {
    List<Ended> chains = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT chain, seq, mac, ended FROM obolus.audit_head WHERE epoch = ?"
                + " ORDER BY opened_at, chain")) {
      query.setInt(1, epoch);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          ChainId id = new ChainId(Bytes.of(rows.getBytes(1)));
          if (!rows.getBoolean(4)) {
            throw new PrunePlan.NotYet("Chain " + id + " of that month has not ended.");
          }
          chains.add(new Ended(id, rows.getLong(2), Bytes.of(rows.getBytes(3))));
        }
      }
    }
    return chains;
  }

  private long going(Ended chain, Set<String> tenants) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT count(*) FROM obolus.audit_record WHERE chain = ? AND tenant = ANY (?)"
                + " AND tenant <> '-' AND event <> 'erased'")) {
      query.setBytes(1, chain.id().bytes().toArray());
      query.setArray(2, array(tenants));
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** Reads what stays of a chain; what is between goes. */
  private String line(Ended chain, Set<String> tenants, long full)
      throws SQLException, IOException, PrunePlan.NotYet {
    Optional<Long> last = tree.indexOf(chain.id(), chain.head());
    if (last.isEmpty() || last.get() >= full) {
      throw new PrunePlan.NotYet(
          "Chain " + chain.id() + " is not yet under a signed checkpoint, in tiles that are full.");
    }
    Gone gone = new Gone(chain);
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT seq, prev_mac FROM obolus.audit_record WHERE chain = ?"
                + " AND (tenant = '-' OR event = 'erased' OR NOT tenant = ANY (?)) ORDER BY seq")) {
      query.setBytes(1, chain.id().bytes().toArray());
      query.setArray(2, array(tenants));
      query.setFetchSize(FETCH);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          gone.stays(rows.getLong(1), rows.getBytes(2));
        }
      }
    }
    return gone.line();
  }

  private Array array(Set<String> tenants) throws SQLException {
    return connection.createArrayOf("text", tenants.toArray());
  }

  /** Runs of records that go: of each the first, the leaves, the last and its MAC are digested. */
  private final class Gone {
    private final Ended chain;
    private final MessageDigest sha256 = sha256();
    private long due = 1;
    private long first;
    private long last;
    private long records;

    Gone(Ended chain) {
      this.chain = chain;
    }

    void stays(long seq, byte[] prevMac) throws SQLException, IOException, PrunePlan.NotYet {
      if (seq > due) {
        run(due, seq - 1, prevMac);
      }
      due = seq + 1;
    }

    String line() throws SQLException, IOException, PrunePlan.NotYet {
      if (chain.head() >= due) {
        run(due, chain.head(), chain.mac().toArray());
      }
      return String.join(
          " ",
          chain.id().toString(),
          Long.toString(chain.head()),
          chain.mac().hex(),
          Long.toString(first),
          Long.toString(last),
          Long.toString(records),
          HexFormat.of().formatHex(sha256.digest()));
    }

    private void run(long from, long to, byte[] mac)
        throws SQLException, IOException, PrunePlan.NotYet {
      whole(from);
      for (long at = from; at <= to; at += LEAVES_AT_ONCE) {
        long end = Math.min(to, at + LEAVES_AT_ONCE - 1);
        byte[] leaves = tree.leaves(chain.id(), at, end);
        if (leaves.length != (end - at + 1) * mac.length) {
          throw new PrunePlan.NotYet("The tree lacks leaves of chain " + chain.id() + ".");
        }
        sha256.update(leaves);
      }
      whole(to);
      sha256.update(mac);
      first = first == 0 ? from : first;
      last = to;
      records += to - from + 1;
    }

    private void whole(long value) {
      sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
