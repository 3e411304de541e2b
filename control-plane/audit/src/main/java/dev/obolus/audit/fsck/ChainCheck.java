// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** Checks the rows of one chain, given in order; answers the first fault. */
final class ChainCheck {
  private static final byte[] ENTRY = VerifierKey.domain("entry");
  private static final byte[] COMMIT = VerifierKey.domain("commit");
  private static final byte[] KEY_COMMITMENT = VerifierKey.domain("key-commitment");
  private static final int[] COMMITTED = {
    Parsed.PERSON_VALUE, Parsed.STATEMENT, Parsed.OBLIGATIONS, Parsed.INPUTS
  };
  private static final Map<String, String> EVENTS =
      Map.ofEntries(
          Map.entry("OBO0001A", "open"),
          Map.entry("OBO0002A", "close"),
          Map.entry("OBO1001A", "decided"),
          Map.entry("OBO1001D", "decided"),
          Map.entry("OBO1001S", "decided"),
          Map.entry("OBO1001H", "decided"),
          Map.entry("OBO1002A", "served"),
          Map.entry("OBO1002F", "failed"),
          Map.entry("OBO1002C", "cancelled"),
          Map.entry("OBO2001D", "rejected"),
          Map.entry("OBO3001A", "signed_in"),
          Map.entry("OBO3002A", "operator_acted"),
          Map.entry("OBO4001A", "policy_changed"),
          Map.entry("OBO4001F", "policy_changed"));

  private final byte[] chain;
  private final Optional<VerifierKey> key;
  private final MessageDigest sha256 = sha256();
  private final Map<String, Long> tenants = new HashMap<>();
  private @Nullable Mac mac;
  private @Nullable String origin;
  private int epoch;
  private long seq;
  private byte[] head = new byte[32];
  private boolean closed;

  ChainCheck(byte[] chain, Optional<VerifierKey> key) {
    this.chain = chain;
    this.key = key;
  }

  /** A check that starts in the middle: the record before is taken as it is. */
  static ChainCheck from(byte[] chain, Optional<VerifierKey> key, long before, byte[] mac) {
    ChainCheck check = new ChainCheck(chain, key);
    check.seq = before;
    check.head = mac;
    return check;
  }

  long seq() {
    return seq;
  }

  byte[] head() {
    return head;
  }

  /** Checks the next row; the fault names the row's place. */
  Parsed next(Row row, boolean countTenants) throws Faulty {
    long expected = seq + 1;
    if (row.seq() != expected) {
      throw row.seq() > expected
          ? new Faulty(Fault.MISSING, expected, "")
          : new Faulty(Fault.DUPLICATE, row.seq(), "");
    }
    try {
      Parsed parsed = sealed(row);
      columns(row, parsed);
      if (countTenants) {
        tenant(row, parsed);
      }
      commitments(row, parsed);
      seq = expected;
      head = row.mac();
      closed = "OBO0002A".equals(row.code());
      return parsed;
    } catch (Malformed e) {
      throw new Faulty(Fault.UNREADABLE, expected, String.valueOf(e.getMessage()));
    }
  }

  private Parsed sealed(Row row) throws Faulty, Malformed {
    check(!closed, Fault.AFTER_CLOSE, row, "");
    sha256.update((byte) 0);
    check(MessageDigest.isEqual(sha256.digest(row.canonical()), row.leaf()), Fault.LEAF, row, "");
    Parsed parsed = Parsed.of(row.canonical());
    check(Arrays.equals(parsed.bytes(Parsed.CHAIN), chain), Fault.PLACE, row, "chain");
    check(parsed.whole(Parsed.SEQ) == row.seq(), Fault.PLACE, row, "seq");
    check(Arrays.equals(row.prevMac(), head), Fault.PREVIOUS, row, "");
    if (mac == null) {
      begin(row, parsed);
    }
    check(parsed.text(Parsed.ORIGIN).equals(origin), Fault.PLACE, row, "origin");
    check(row.epoch() == epoch, Fault.COLUMN, row, "epoch");
    check(parsed.text(Parsed.KEY_ID).endsWith("-" + epoch), Fault.PLACE, row, "epoch");
    boolean opening = row.seq() == 1;
    boolean open = parsed.text(Parsed.CODE).equals("OBO0001A");
    check(open == opening, Fault.OPENING, row, "");
    if (key.isPresent()) {
      mac(row, parsed, opening);
    }
    return parsed;
  }

  private void begin(Row row, Parsed parsed) throws Malformed {
    origin = parsed.text(Parsed.ORIGIN);
    epoch = row.epoch();
    if (key.isPresent()) {
      mac = key.get().chainMac(epoch, chain);
    }
  }

  private void mac(Row row, Parsed parsed, boolean opening) throws Faulty, Malformed {
    Mac keyed = Objects.requireNonNull(mac);
    String sealedWith = parsed.text(Parsed.KEY_ID);
    String ours = key.map(VerifierKey::id).orElse("") + "-" + epoch;
    check(
        sealedWith.equals(ours), Fault.KEY, row, "sealed with " + sealedWith + ", here is " + ours);
    if (opening) {
      byte[] commitment = keyed.doFinal(KEY_COMMITMENT);
      check(
          MessageDigest.isEqual(commitment, parsed.bytes(Parsed.KEY_COMMITMENT)),
          Fault.MAC,
          row,
          "key commitment");
    }
    keyed.update(ENTRY);
    keyed.update(chain);
    keyed.update(ByteBuffer.allocate(8).putLong(row.seq()).array());
    keyed.update(head);
    check(MessageDigest.isEqual(keyed.doFinal(row.leaf()), row.mac()), Fault.MAC, row, "");
  }

  private void columns(Row row, Parsed parsed) throws Faulty, Malformed {
    String code = parsed.text(Parsed.CODE);
    same(row, "tenant", shown(parsed.text(Parsed.TENANT)), row.tenant());
    same(row, "tenant_seq", parsed.whole(Parsed.TENANT_SEQ), row.tenantSeq());
    same(row, "event_id", uuid(parsed.bytes(Parsed.EVENT_ID)), row.eventId());
    same(row, "key_id", parsed.text(Parsed.KEY_ID), row.keyId());
    same(row, "at_us", parsed.whole(Parsed.AT), row.at());
    same(row, "code", code, row.code());
    same(row, "event", EVENTS.get(code), row.event());
    same(row, "effect", shown(parsed, Parsed.EFFECT), row.effect());
    same(row, "decision_id", shown(parsed, Parsed.DECISION_ID), row.decisionId());
    same(row, "person", parsed.find(Parsed.PERSON).orElse("-"), row.person());
    same(row, "client", shown(parsed, Parsed.CLIENT), row.client());
    same(row, "connector", shown(parsed, Parsed.CONNECTOR), row.connector());
    same(row, "resources", shown(parsed.texts(Parsed.RESOURCES)), row.resources());
    same(row, "reasons", shown(parsed.texts(Parsed.REASONS)), row.reasons());
  }

  private static void same(Row row, String column, @Nullable Object sealed, @Nullable Object stored)
      throws Faulty {
    check(Objects.equals(sealed, stored), Fault.COLUMN, row, column);
  }

  private static @Nullable String shown(Parsed parsed, int number) throws Malformed {
    Optional<String> found = parsed.find(number);
    return found.isPresent() ? shown(found.get()) : null;
  }

  private static String shown(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
  }

  private static List<String> shown(List<String> texts) {
    return texts.stream().map(ChainCheck::shown).toList();
  }

  private void tenant(Row row, Parsed parsed) throws Faulty, Malformed {
    long count = tenants.merge(parsed.text(Parsed.TENANT), 1L, Long::sum);
    check(parsed.whole(Parsed.TENANT_SEQ) == count, Fault.TENANT_SEQ, row, "");
  }

  private void commitments(Row row, Parsed parsed) throws Faulty, Malformed {
    for (int i = 0; i < COMMITTED.length; i++) {
      byte @Nullable [] value = row.values()[2 * i];
      byte @Nullable [] salt = row.values()[2 * i + 1];
      int number = COMMITTED[i];
      if (!parsed.has(number)) {
        check(value == null && salt == null, Fault.VALUE_EXTRA, row, "field " + number);
        continue;
      }
      if (value == null || salt == null) {
        throw new Faulty(Fault.VALUE_MISSING, row.seq(), "field " + number);
      }
      check(salt.length == 16, Fault.COMMITMENT, row, "field " + number);
      sha256.update(COMMIT);
      sha256.update((byte) 0);
      sha256.update((byte) number);
      sha256.update(salt);
      check(
          MessageDigest.isEqual(sha256.digest(value), parsed.bytes(number)),
          Fault.COMMITMENT,
          row,
          "field " + number);
    }
  }

  private static UUID uuid(byte[] bytes) throws Malformed {
    if (bytes.length != 16) {
      throw new Malformed("an event id of another length");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new UUID(in.getLong(), in.getLong());
  }

  private static void check(boolean sound, Fault fault, Row row, String detail) throws Faulty {
    if (!sound) {
      throw new Faulty(fault, row.seq(), detail);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A fault, and at which place of the chain. */
  static final class Faulty extends Exception {
    private static final long serialVersionUID = 1L;
    private final Fault fault;
    private final long seq;
    private final String detail;

    Faulty(Fault fault, long seq, String detail) {
      super(fault.name(), null, false, false);
      this.fault = fault;
      this.seq = seq;
      this.detail = detail;
    }

    Fault fault() {
      return fault;
    }

    long seq() {
      return seq;
    }

    String detail() {
      return detail;
    }
  }
}
