// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;

/**
 * One chain, growing in memory: gives each record its place, its leaf and its MAC. Whether a record
 * became durable is its caller's knowledge: {@link #mark} before a batch, {@link #rewind} if the
 * batch was not written. Not for several threads.
 */
public final class Chain {
  /** What a bundle of entries (C2SP tlog-tiles) can hold. */
  private static final int MOST_CANONICAL = 0xFFFF;

  /** The first bytes of canonical bytes, version 1. */
  static final byte[] MAGIC = {'O', 'B', 'O', 1};

  private static final byte[] ENTRY = Crypto.domain("entry");
  private static final byte[] LEAF_PREFIX = {0};

  private final String origin;
  private final ChainId id;
  private final int epoch;
  private final ChainKey key;
  private final Mac mac;
  private final RandomBytes random;
  private final Clock clock;
  private Map<String, Long> tenants = new HashMap<>();
  private long seq;
  private Bytes head = Bytes.of(new byte[Crypto.HASH_LENGTH]);

  /** A new, empty chain with a random id. */
  public Chain(String origin, int epoch, RootKey root, SecureRandom random, Clock clock) {
    this.origin = origin;
    this.random = new RandomBytes(random);
    this.id = new ChainId(Bytes.of(this.random.next(ChainId.LENGTH)));
    this.epoch = epoch;
    this.key = root.chainKey(epoch, id);
    this.mac = key.mac();
    this.clock = clock;
  }

  /** A new, empty chain, the one that the key was issued for. */
  public Chain(String origin, IssuedKey issued, SecureRandom random, Clock clock) {
    this.origin = origin;
    this.random = new RandomBytes(random);
    this.id = issued.chain();
    this.epoch = issued.epoch();
    this.key = issued.key();
    this.mac = key.mac();
    this.clock = clock;
  }

  public ChainId id() {
    return id;
  }

  public int epoch() {
    return epoch;
  }

  /** The newest record's number; 0 while there is none. */
  public long seq() {
    return seq;
  }

  /** The newest record's MAC; zeroes while there is none. */
  public Bytes head() {
    return head;
  }

  /** What a verifier tells the right key by. */
  public Bytes keyCommitment() {
    return Bytes.of(key.commitment());
  }

  /**
   * Seals what comes next. Fails, leaving the chain as it was, on text that is not Unicode and on a
   * record longer than the bytes given, or too long without its values for a tree's bundle.
   */
  public SealedRecord seal(Sealable what, int maxBytes) {
    Instant now = clock.instant();
    UUID eventId = random.uuid(now);
    String tenant = what.tenant();
    long nextSeq = seq + 1;
    long tenantSeq = tenants.getOrDefault(tenant, 0L) + 1;
    EventCode code = EventCode.of(what);

    ByteWriter out = new ByteWriter(1024);
    out.put(MAGIC);
    out.field(Tag.ORIGIN, origin);
    out.field(Tag.CHAIN, id.bytes().toArray());
    out.field(Tag.SEQ, nextSeq);
    out.field(Tag.TENANT, tenant);
    out.field(Tag.TENANT_SEQ, tenantSeq);
    out.field(Tag.EVENT_ID, bytes(eventId));
    out.field(Tag.KEY_ID, key.id());
    out.field(Tag.AT, Content.micros(now));
    out.field(Tag.CODE, code.name());
    Content.Written content = Content.write(out, what, new Content.Place(id, nextSeq), random);

    int size = out.length() + content.personal().stream().mapToInt(Personal::length).sum();
    if (size > maxBytes) {
      throw new RecordTooLong(size, maxBytes);
    }
    if (out.length() > MOST_CANONICAL && what instanceof Sealable.Event) {
      throw new RecordTooLong(out.length(), MOST_CANONICAL);
    }
    byte[] canonical = out.toArray();
    byte[] leaf = leaf(canonical);
    byte[] sealed = entryMac(mac, id.bytes().toArray(), nextSeq, head.toArray(), leaf);
    SealedRecord record =
        new SealedRecord(
            nextSeq,
            tenant,
            tenantSeq,
            eventId,
            key.id(),
            Content.micros(now),
            code,
            Bytes.of(canonical),
            Bytes.of(leaf),
            head,
            Bytes.of(sealed),
            content.search(),
            content.personal());
    seq = nextSeq;
    head = record.mac();
    tenants.put(tenant, tenantSeq);
    return record;
  }

  /** Where the chain stands. */
  public Mark mark() {
    return new Mark(seq, head, Map.copyOf(tenants));
  }

  /** Back to where it stood: what was sealed since was not written. */
  public void rewind(Mark mark) {
    seq = mark.seq();
    head = mark.head();
    tenants = new HashMap<>(mark.tenants());
  }

  /** A record that the log would not take. */
  public static final class RecordTooLong extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    RecordTooLong(int size, int limit) {
      super("a record of " + size + " bytes, at most " + limit + " are taken");
    }
  }

  /** A place in the chain to go back to. */
  public record Mark(long seq, Bytes head, Map<String, Long> tenants) {}

  private static byte[] leaf(byte[] canonical) {
    MessageDigest sha256 = Crypto.sha256();
    sha256.update(LEAF_PREFIX);
    return sha256.digest(canonical);
  }

  static byte[] entryMac(Mac mac, byte[] chain, long entrySeq, byte[] prevMac, byte[] leaf) {
    ByteWriter place = new ByteWriter(128);
    place.put(ENTRY);
    place.put(chain);
    place.put64(entrySeq);
    place.put(prevMac);
    place.put(leaf);
    return mac.doFinal(place.toArray());
  }

  private static byte[] bytes(UUID uuid) {
    ByteWriter out = new ByteWriter(16);
    out.put64(uuid.getMostSignificantBits());
    out.put64(uuid.getLeastSignificantBits());
    return out.toArray();
  }
}
