// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * All that a writer needs to open one chain, made by whoever holds the root key: the chain's id and
 * key, an earlier chain's word for it, what is revoked, and the keys of handles, which seal
 * nothing.
 *
 * <p>Guarantees: no other chain can be sealed with it; it is never printed. {@link #toBytes} alone
 * reveals it, to be encrypted for one gateway.
 */
public final class IssuedKey {
  private static final byte VERSION = 1;
  private static final String ALGORITHM = "HmacSHA256";

  private final ChainId chain;
  private final int epoch;
  private final ChainKey key;
  private final List<SecretKey> handleKeys;
  private final Optional<Sealable.Handover> handover;
  private final List<String> revoked;

  IssuedKey(
      ChainId chain,
      int epoch,
      ChainKey key,
      List<SecretKey> handleKeys,
      Optional<Sealable.Handover> handover,
      List<String> revoked) {
    this.chain = chain;
    this.epoch = epoch;
    this.key = key;
    this.handleKeys = List.copyOf(handleKeys);
    this.handover = handover;
    this.revoked = List.copyOf(revoked);
  }

  public ChainId chain() {
    return chain;
  }

  public int epoch() {
    return epoch;
  }

  ChainKey key() {
    return key;
  }

  /** Which key it is: the root's id and the epoch. */
  public String keyId() {
    return key.id();
  }

  /** The word of an earlier chain. */
  public Optional<Sealable.Handover> handover() {
    return handover;
  }

  /** Ids of root keys that nothing may be sealed under any more. */
  public List<String> revoked() {
    return revoked;
  }

  /** What makes subjects' handles, under the root key in use and under those before it. */
  public List<UnaryOperator<Bytes>> handles() {
    return handleKeys.stream().map(RootKey::handles).toList();
  }

  /** The whole of it, a secret. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.write(chain.bytes().toArray());
      out.writeInt(epoch);
      out.writeUTF(key.id());
      out.write(key.reveal());
      out.writeByte(handleKeys.size());
      for (SecretKey handleKey : handleKeys) {
        out.write(handleKey.getEncoded());
      }
      out.writeBoolean(handover.isPresent());
      if (handover.isPresent()) {
        Sealable.Head stands = handover.get().predecessor();
        out.write(stands.chain().bytes().toArray());
        out.writeLong(stands.seq());
        out.write(stands.mac().toArray());
        out.writeUTF(handover.get().keyId());
        out.write(handover.get().mac().toArray());
      }
      out.writeByte(revoked.size());
      for (String id : revoked) {
        out.writeUTF(id);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads what {@link #toBytes} wrote; {@link IllegalArgumentException} on anything else. */
  public static IssuedKey ofBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new IllegalArgumentException("an issued key of another version");
      }
      ChainId chain = new ChainId(Bytes.of(in.readNBytes(ChainId.LENGTH)));
      int epoch = in.readInt();
      String keyId = in.readUTF();
      ChainKey key = new ChainKey(secret(in), keyId);
      List<SecretKey> handleKeys = new ArrayList<>();
      for (int left = in.readByte(); left > 0; left--) {
        handleKeys.add(secret(in));
      }
      Optional<Sealable.Handover> handover =
          in.readBoolean() ? Optional.of(handover(in)) : Optional.empty();
      List<String> revoked = new ArrayList<>();
      for (int left = in.readByte(); left > 0; left--) {
        revoked.add(in.readUTF());
      }
      return new IssuedKey(chain, epoch, key, handleKeys, handover, revoked);
    } catch (IOException e) {
      throw new IllegalArgumentException("not an issued key", e);
    }
  }

  private static Sealable.Handover handover(DataInputStream in) throws IOException {
    Sealable.Head stands =
        new Sealable.Head(
            new ChainId(Bytes.of(in.readNBytes(ChainId.LENGTH))),
            in.readLong(),
            Bytes.of(in.readNBytes(Crypto.HASH_LENGTH)));
    String keyId = in.readUTF();
    return new Sealable.Handover(stands, keyId, Bytes.of(in.readNBytes(Crypto.HASH_LENGTH)));
  }

  private static SecretKey secret(DataInputStream in) throws IOException {
    return new SecretKeySpec(in.readNBytes(Crypto.HASH_LENGTH), ALGORITHM);
  }

  @Override
  public String toString() {
    return "IssuedKey[" + chain + ", " + key.id() + "]";
  }
}
