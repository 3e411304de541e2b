// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * The key of one chain in one epoch.
 *
 * <p>Guarantees: outside this package it makes MACs and shows its id, nothing else.
 */
public final class ChainKey {
  private static final byte[] COMMITMENT = Crypto.domain("key-commitment");
  private static final byte[] HANDOVER = Crypto.domain("handover");

  private final SecretKey key;
  private final String id;

  ChainKey(SecretKey key, String id) {
    this.key = key;
    this.id = id;
  }

  /** Which key this is: the root's id and the epoch. */
  public String id() {
    return id;
  }

  /** Tells a verifier with another key from a forged record; sealed in the chain's first record. */
  byte[] commitment() {
    return mac().doFinal(COMMITMENT);
  }

  Mac mac() {
    return Crypto.hmac(key);
  }

  /** For {@link IssuedKey}, which hands it to the gateway that it is for. */
  byte[] reveal() {
    return key.getEncoded();
  }

  /** This chain's word for a later one: over where it stands, and the later chain and its key. */
  public Sealable.Handover handOver(Sealable.Head stands, ChainId next, Bytes nextCommitment) {
    ByteWriter said = new ByteWriter(160);
    said.put(HANDOVER);
    said.put(stands.chain().bytes().toArray());
    said.put64(stands.seq());
    said.put(stands.mac().toArray());
    said.put(next.bytes().toArray());
    said.put(nextCommitment.toArray());
    return new Sealable.Handover(stands, id, Bytes.of(mac().doFinal(said.toArray())));
  }

  /** What tells this key's records of a chain from others. Not for several threads. */
  public EntryCheck check(ChainId chain) {
    return new EntryCheck(mac(), chain);
  }

  /** Recomputes the MACs of a chain's records. */
  public static final class EntryCheck {
    private final Mac mac;
    private final byte[] chain;

    private EntryCheck(Mac mac, ChainId chain) {
      this.mac = mac;
      this.chain = chain.bytes().toArray();
    }

    /** Whether the record was sealed at that place, after that MAC, with the chain's key. */
    public boolean sealed(long seq, byte[] prevMac, byte[] leaf, byte[] sealed) {
      return MessageDigest.isEqual(Chain.entryMac(mac, chain, seq, prevMac, leaf), sealed);
    }
  }

  @Override
  public String toString() {
    return "ChainKey[" + id + "]";
  }
}
