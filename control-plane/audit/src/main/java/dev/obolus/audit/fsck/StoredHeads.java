// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
 * How far each chain has come, as the table of heads says, and as other chains wrote it down when
 * they opened. All of it in memory: some hundred bytes a chain.
 */
final class StoredHeads {

  /** A chain's newest record. */
  record Head(long seq, Bytes mac) {}

  private final Map<ChainId, Head> heads = new LinkedHashMap<>();
  private final Set<ChainId> ended = new HashSet<>();
  private final Map<ChainId, TreeMap<Long, Bytes>> writtenDown = new HashMap<>();

  static StoredHeads read(Connection connection) throws SQLException {
    StoredHeads read = new StoredHeads();
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT chain, seq, mac, ended FROM obolus.audit_head ORDER BY opened_at, chain");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Head head = new Head(rows.getLong(2), Bytes.of(rows.getBytes(3)));
        ChainId chain = new ChainId(Bytes.of(rows.getBytes(1)));
        read.heads.put(chain, head);
        if (rows.getBoolean(4)) {
          read.ended.add(chain);
        }
      }
    }
    return read;
  }

  /** The chains that have a head or rows; rows are found by leaping through the index. */
  Set<ChainId> chains(Connection connection) throws SQLException {
    Set<ChainId> chains = new LinkedHashSet<>(heads.keySet());
    byte[] last = new byte[0];
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT chain FROM obolus.audit_record WHERE chain > ? ORDER BY chain LIMIT 1")) {
      while (true) {
        query.setBytes(1, last);
        try (ResultSet row = query.executeQuery()) {
          if (!row.next()) {
            return chains;
          }
          last = row.getBytes(1);
          chains.add(new ChainId(Bytes.of(last)));
        }
      }
    }
  }

  Optional<Head> of(ChainId chain) {
    return Optional.ofNullable(heads.get(chain));
  }

  /** Whether the table says that nothing may follow: a record has to say so too. */
  boolean isEnded(ChainId chain) {
    return ended.contains(chain);
  }

  /** Each chain's newest number. */
  Map<ChainId, Long> ends() {
    Map<ChainId, Long> ends = new HashMap<>();
    heads.forEach((chain, head) -> ends.put(chain, head.seq()));
    return ends;
  }

  /** How many records there are to be. */
  long records() {
    return heads.values().stream().mapToLong(Head::seq).sum();
  }

  /** Notes what a chain's first record says of others. */
  void writeDown(List<String> lines) throws Malformed {
    for (String line : lines) {
      WrittenHead head = WrittenHead.parse(line);
      Bytes _ =
          writtenDown
              .computeIfAbsent(head.chain(), any -> new TreeMap<>())
              .put(head.seq(), head.mac());
    }
  }

  /** The chains that others wrote down. */
  Set<ChainId> writtenDown() {
    return writtenDown.keySet();
  }

  /** Numbers and MACs of the chain's records that others wrote down. */
  Map<Long, Bytes> writtenDown(ChainId chain) {
    return writtenDown.getOrDefault(chain, new TreeMap<>());
  }

  /** At a chain's last row: it must be the head, and nobody may have known a later one. */
  void ends(ChainId chain, ChainCheck check) throws Faulty {
    for (long seq : writtenDown(chain).keySet()) {
      if (seq > check.seq()) {
        throw new Faulty(
            Fault.TRUNCATED, check.seq() + 1, "a later chain wrote down record " + seq);
      }
    }
    Head recorded =
        of(chain)
            .orElseThrow(() -> new Faulty(Fault.HEAD, check.seq(), "the head itself is missing"));
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
}
