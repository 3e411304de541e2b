// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the rows of one chain, given in order; answers the first fault. Not for several threads.
 */
final class ChainCheck {
  private static final int LEAF = 32;
  private static final byte[] OPEN = "OBO0001A".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE = "OBO0002A".getBytes(StandardCharsets.US_ASCII);

  private final byte[] chain;
  private final List<VerifierKey> keys;
  private final MessageDigest sha256 = sha256();
  private final Commitments commitments;
  private final Parsed parsed = new Parsed();
  private final Map<String, Long> tenants = new HashMap<>();
  private Optional<EntryMac> mac = Optional.empty();
  private byte[] origin = new byte[0];
  private byte[] keyId = new byte[0];
  private byte[] lastTenant = new byte[0];
  private String lastTenantName = "";
  private int epoch;
  private long seq;
  private byte[] head = new byte[32];
  private boolean headKnown = true;
  private boolean closed;
  private Set<String> sparse = Set.of();

  /**
   * @param keys root keys; none to check hashes and links only
   * @param values what is known of the keys of hidden values
   */
  ChainCheck(byte[] chain, List<VerifierKey> keys, ValueKeys values) {
    this.chain = chain;
    this.keys = keys;
    this.commitments = new Commitments(new ChainId(Bytes.of(chain)), sha256, values);
  }

  /** A check that starts in the middle: the record before is taken as it is. */
  static ChainCheck from(
      byte[] chain, List<VerifierKey> keys, ValueKeys values, long before, byte[] mac) {
    ChainCheck check = new ChainCheck(chain, keys, values);
    check.seq = before;
    check.head = mac;
    return check;
  }

  /**
   * Where a check stands, with all that the next record is checked against.
   *
   * @param mac of the record {@code seq}
   * @param tenants how many records each has so far
   */
  record Reached(
      long seq,
      Bytes mac,
      int epoch,
      boolean closed,
      String keyId,
      String origin,
      Map<String, Long> tenants) {}

  Reached reached() {
    return new Reached(
        seq,
        Bytes.of(head),
        epoch,
        closed,
        new String(keyId, StandardCharsets.UTF_8),
        new String(origin, StandardCharsets.UTF_8),
        Map.copyOf(tenants));
  }

  /** A check that goes on from there, as if it had come there itself. */
  static ChainCheck after(byte[] chain, List<VerifierKey> keys, ValueKeys values, Reached reached) {
    ChainCheck check = from(chain, keys, values, reached.seq(), reached.mac().toArray());
    check.epoch = reached.epoch();
    check.closed = reached.closed();
    check.keyId = reached.keyId().getBytes(StandardCharsets.UTF_8);
    check.origin = reached.origin().getBytes(StandardCharsets.UTF_8);
    check.tenants.putAll(reached.tenants());
    check.mac = EntryMac.of(keys, reached.keyId(), chain);
    return check;
  }

  long seq() {
    return seq;
  }

  /**
   * Passes over records that are not there, by the leaves that the tree holds for them: with the
   * key their MACs follow from those.
   */
  void pass(byte[] leaves, int from, int count) throws Faulty {
    if (closed) {
      throw new Faulty(Fault.AFTER_CLOSE, seq + 1, "");
    }
    for (int at = from; at < from + count * LEAF; at += LEAF) {
      seq++;
      if (mac.isPresent()) {
        head = mac.get().of(seq, head, leaves, at, LEAF);
      }
    }
    headKnown = mac.isPresent();
  }

  /** Says where the chain goes on after what was passed over, where that does not follow. */
  void goOnFrom(byte[] known) {
    if (!headKnown) {
      head = known;
      headKnown = true;
    }
  }

  /** Of these tenants records are missing: their count goes up, not one by one. */
  void passing(Set<String> pruned) {
    sparse = pruned;
  }

  /** Whether the last record that was checked ends the chain. */
  boolean isClosed() {
    return closed;
  }

  byte[] head() {
    return head;
  }

  /** How many records each tenant has so far. */
  Map<String, Long> tenants() {
    return tenants;
  }

  /**
   * Checks the next row; the fault names the row's place.
   *
   * @return the row's sealed bytes taken apart, until the next row
   */
  Parsed next(RawRow row, boolean countTenants) throws Faulty {
    long expected = seq + 1;
    if (row.seq() != expected) {
      throw row.seq() > expected
          ? new Faulty(Fault.MISSING, expected, "")
          : new Faulty(Fault.DUPLICATE, row.seq(), "");
    }
    try {
      sealed(row);
      Columns.check(row, parsed);
      if (countTenants) {
        tenant(row);
      }
      commitments.check(row, parsed);
      seq = expected;
      head = row.copy(RawRow.MAC);
      closed = parsed.holds(Parsed.CODE, CLOSE);
      return parsed;
    } catch (Malformed e) {
      throw new Faulty(Fault.UNREADABLE, expected, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Checks one row by itself, as following what it says itself was before it: its sealed bytes, its
   * MAC and its columns, not the values beside them.
   */
  static void alone(ChainId chain, List<VerifierKey> keys, RawRow row) throws Faulty {
    ChainCheck check =
        from(
            chain.bytes().toArray(),
            keys,
            ValueKeys.unknown(),
            row.seq() - 1,
            row.copy(RawRow.PREV_MAC));
    try {
      check.sealed(row);
      Columns.check(row, check.parsed);
    } catch (Malformed e) {
      throw new Faulty(Fault.UNREADABLE, row.seq(), String.valueOf(e.getMessage()));
    }
  }

  private void sealed(RawRow row) throws Faulty, Malformed {
    Faulty.unless(!closed, Fault.AFTER_CLOSE, row, "");
    sha256.update((byte) 0);
    sha256.update(row.bytes(), row.start(RawRow.CANONICAL), row.length(RawRow.CANONICAL));
    Faulty.unless(row.holds(RawRow.LEAF, sha256.digest()), Fault.LEAF, row, "");
    parsed.read(row.bytes(), row.start(RawRow.CANONICAL), row.length(RawRow.CANONICAL));
    Faulty.unless(parsed.holds(Parsed.CHAIN, chain), Fault.PLACE, row, "chain");
    Faulty.unless(parsed.whole(Parsed.SEQ) == row.seq(), Fault.PLACE, row, "seq");
    Faulty.unless(row.holds(RawRow.PREV_MAC, head), Fault.PREVIOUS, row, "");
    if (keyId.length == 0) {
      begin(row);
    }
    Faulty.unless(parsed.holds(Parsed.ORIGIN, origin), Fault.PLACE, row, "origin");
    Faulty.unless(row.whole32(RawRow.EPOCH) == epoch, Fault.COLUMN, row, "epoch");
    Faulty.unless(parsed.holds(Parsed.KEY_ID, keyId), Fault.PLACE, row, "key");
    boolean opening = row.seq() == 1;
    Faulty.unless(parsed.holds(Parsed.CODE, OPEN) == opening, Fault.OPENING, row, "");
    if (!keys.isEmpty()) {
      mac(row, opening);
    }
  }

  private void begin(RawRow row) throws Faulty, Malformed {
    origin = parsed.bytes(Parsed.ORIGIN);
    epoch = row.whole32(RawRow.EPOCH);
    String sealedWith = parsed.text(Parsed.KEY_ID);
    Faulty.unless(sealedWith.endsWith("-" + epoch), Fault.PLACE, row, "epoch");
    keyId = parsed.bytes(Parsed.KEY_ID);
    mac = EntryMac.of(keys, sealedWith, chain);
    Faulty.unless(
        keys.isEmpty() || mac.isPresent(),
        Fault.KEY,
        row,
        "sealed with "
            + sealedWith
            + ", here is "
            + String.join(", ", keys.stream().map(key -> key.id() + "-" + epoch).toList()));
  }

  private void mac(RawRow row, boolean opening) throws Faulty, Malformed {
    EntryMac keyed = mac.orElseThrow();
    if (opening) {
      boolean same = keyed.committedTo(parsed.bytes(Parsed.KEY_COMMITMENT));
      Faulty.unless(same, Fault.MAC, row, "key commitment");
    }
    boolean sealed =
        keyed.sealed(
            row.seq(),
            head,
            row.bytes(),
            row.start(RawRow.LEAF),
            row.length(RawRow.LEAF),
            row.copy(RawRow.MAC));
    Faulty.unless(sealed, Fault.MAC, row, "");
  }

  private void tenant(RawRow row) throws Faulty, Malformed {
    if (!parsed.holds(Parsed.TENANT, lastTenant)) {
      lastTenant = parsed.bytes(Parsed.TENANT);
      lastTenantName = parsed.text(Parsed.TENANT);
    }
    long number = parsed.whole(Parsed.TENANT_SEQ);
    long count = tenants.merge(lastTenantName, 1L, Long::sum);
    if (number > count && sparse.contains(lastTenantName)) {
      tenants.put(lastTenantName, number);
    } else {
      Faulty.unless(number == count, Fault.TENANT_SEQ, row, "");
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
