// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The kinds of note signature that are used here, by the byte that C2SP gave them. */
enum SignatureType {
  /** A log's: Ed25519 over the note's text. */
  ED25519(0x01, 32),
  /** A cosigner's: time, then Ed25519 over a header, the time and the text. */
  ED25519_COSIGNATURE(0x04, 32),
  /** A log's or a cosigner's: time, then ML-DSA-44 over name, time, origin, size and root. */
  ML_DSA_44(0x06, 1312);

  private final byte code;
  private final int keyLength;

  SignatureType(int code, int keyLength) {
    this.code = (byte) code;
    this.keyLength = keyLength;
  }

  static SignatureType of(byte code) {
    for (SignatureType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("a key of an unknown type: " + code);
  }

  byte code() {
    return code;
  }

  int keyLength() {
    return keyLength;
  }

  int keyId(String name, Bytes key) {
    ByteArrayOutputStream named = new ByteArrayOutputStream();
    named.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    named.write('\n');
    named.write(code);
    named.writeBytes(key.toArray());
    return ByteBuffer.wrap(Rfc6962.sha256().digest(named.toByteArray())).getInt();
  }

  /**
   * What is signed.
   *
   * @param cosigner the key's name
   * @param time seconds since 1970; not used by the first type
   * @param text a checkpoint's
   */
  byte[] message(String cosigner, long time, String text) {
    return switch (this) {
      case ED25519 -> text.getBytes(StandardCharsets.UTF_8);
      case ED25519_COSIGNATURE ->
          ("cosignature/v1\ntime " + time + "\n" + text).getBytes(StandardCharsets.UTF_8);
      case ML_DSA_44 -> {
        Checkpoint checkpoint = Checkpoint.parse(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII));
        sized(out, cosigner);
        out.writeBytes(whole(time));
        sized(out, checkpoint.origin());
        out.writeBytes(whole(0));
        out.writeBytes(whole(checkpoint.size()));
        out.writeBytes(checkpoint.root().toArray());
        yield out.toByteArray();
      }
    };
  }

  private static void sized(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > 255) {
      throw new IllegalArgumentException("a name of 1 to 255 bytes is wanted");
    }
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  static byte[] whole(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
