// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.issuing;

import dev.obolus.audit.chain.Crypto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that a gateway and the log's signer share: 32 random bytes in a file of 64 hex digits,
 * for its owner's eyes only. Who has it may ask for keys of new chains; it opens no answer that was
 * given to another process, and seals nothing.
 *
 * <p>Guarantees: it is never printed, compared or handed out.
 */
public final class Enrolment {
  private static final int LENGTH = 32;
  private static final byte[] REQUEST = Crypto.domain("key-request");
  private static final byte[] ANSWER = Crypto.domain("key-answer");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final SecretKey key;
  private final String id;

  private Enrolment(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
    byte[] name = Crypto.hmac(key).doFinal(Crypto.domain("enrolment-id"));
    this.id = HexFormat.of().formatHex(name, 0, 4);
  }

  /** Reads it; fails if anybody but the file's owner may read or write it. */
  public static Enrolment read(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the enrolment key is not a file: " + file);
    }
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException(
          "the enrolment key may be read by others; make it its owner's alone (chmod 600): "
              + file);
    }
    String hex = Files.readString(file).strip();
    if (hex.length() != LENGTH * 2 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      throw new IOException("the enrolment key is not 64 hex digits: " + file);
    }
    return new Enrolment(HexFormat.of().parseHex(hex));
  }

  /** Which it is: 8 hex digits that say nothing else about it. */
  public String id() {
    return id;
  }

  /** Whoever asks knows the secret. */
  byte[] sign(byte[] id, int epoch, byte[] publicKey) {
    Mac mac = Crypto.hmac(key);
    mac.update(REQUEST);
    mac.update(id);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(epoch).array());
    return mac.doFinal(publicKey);
  }

  boolean signed(byte[] id, int epoch, byte[] publicKey, byte[] mac) {
    return MessageDigest.isEqual(sign(id, epoch, publicKey), mac);
  }

  /** What an answer is encrypted with: of what both ends agreed on, and of the secret. */
  SecretKey answerKey(byte[] agreed, byte[] id, byte[] asking, byte[] answering) {
    byte[] secret = key.getEncoded();
    ByteBuffer material = ByteBuffer.allocate(agreed.length + secret.length);
    ByteBuffer info =
        ByteBuffer.allocate(ANSWER.length + id.length + asking.length + answering.length);
    return new SecretKeySpec(
        Crypto.derive(
                new SecretKeySpec(material.put(agreed).put(secret).array(), "HmacSHA256"),
                info.put(ANSWER).put(id).put(asking).put(answering).array())
            .getEncoded(),
        "AES");
  }

  @Override
  public String toString() {
    return "Enrolment[" + id + "]";
  }
}
