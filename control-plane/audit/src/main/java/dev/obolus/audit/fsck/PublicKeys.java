// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The public keys that an auditor trusts: a log's and its witnesses', as C2SP verifier keys. All
 * signatures are checked by the JDK, not by what made them.
 */
public final class PublicKeys {
  private static final int ED25519 = 1;
  private static final int ED25519_COSIGNATURE = 4;
  private static final int ML_DSA_44 = 6;
  private static final byte[] ED25519_X509 = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final byte[] ML_DSA_44_X509 =
      HexFormat.of().parseHex("30820532300b0609608648016503040311" + "0382052100");

  private record Key(String name, int id, int type, PublicKey key) {}

  private final List<Key> keys;

  private PublicKeys(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /** Reads files of verifier keys, one a line; lines that begin with # are remarks. */
  public static PublicKeys read(List<Path> files) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files) {
      lines.addAll(Files.readAllLines(file));
    }
    return of(lines);
  }

  /** Of verifier keys. */
  public static PublicKeys of(List<String> lines) throws IOException {
    List<Key> keys = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        keys.add(key(line.strip()));
      }
    }
    if (keys.isEmpty()) {
      throw new IOException("no public key is given");
    }
    return new PublicKeys(keys);
  }

  private static Key key(String line) throws IOException {
    String[] part = line.split("\\+", 3);
    try {
      byte[] typed = Base64.getDecoder().decode(part.length == 3 ? part[2] : "");
      int type = typed.length == 0 ? 0 : typed[0];
      byte[] raw = Arrays.copyOfRange(typed, 1, Math.max(1, typed.length));
      byte[] named = joined(part[0].getBytes(StandardCharsets.UTF_8), new byte[] {'\n'}, typed);
      int id = ByteBuffer.wrap(ChainCheck.sha256().digest(named)).getInt();
      if (part.length != 3 || !HexFormat.of().toHexDigits(id).equals(part[1])) {
        throw new IOException("not a public key: " + part[0]);
      }
      String algorithm = type == ML_DSA_44 ? "ML-DSA-44" : "Ed25519";
      byte[] prefix = type == ML_DSA_44 ? ML_DSA_44_X509 : ED25519_X509;
      if (type != ED25519 && type != ED25519_COSIGNATURE && type != ML_DSA_44) {
        throw new IOException("a public key of a type that is not known: " + part[0]);
      }
      return new Key(
          part[0],
          id,
          type,
          KeyFactory.getInstance(algorithm)
              .generatePublic(new X509EncodedKeySpec(joined(prefix, raw))));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException("not a public key: " + part[0], e);
    }
  }

  /** Whether the log itself signed, with each kind of key that is trusted for it, and truly. */
  boolean signedByLog(Note note) {
    boolean[] wanted = new boolean[ML_DSA_44 + 1];
    boolean[] found = new boolean[ML_DSA_44 + 1];
    for (Key key : keys) {
      if (key.name().equals(note.origin())) {
        wanted[key.type()] = true;
        for (Note.Signature signature : note.signatures()) {
          if (made(key, signature)) {
            if (time(key, signature, note).isEmpty()) {
              return false;
            }
            found[key.type()] = true;
          }
        }
      }
    }
    return (wanted[ED25519] || wanted[ML_DSA_44]) && Arrays.equals(wanted, found);
  }

  /** Whether a log signed a text of its that is no checkpoint, such as an export's manifest. */
  boolean signedByLog(String text, List<Note.Signature> signatures) {
    for (Key key : keys) {
      for (Note.Signature signature : signatures) {
        if (key.type() == ED25519
            && made(key, signature)
            && verifies(key, text.getBytes(StandardCharsets.UTF_8), signature.bytes())) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Whether the log of that name itself signed a text that is no checkpoint, by a key that is
   * trusted for it.
   */
  boolean signedByLog(String origin, String text, List<Note.Signature> signatures) {
    byte[] message = text.getBytes(StandardCharsets.UTF_8);
    return keys.stream()
        .filter(key -> key.type() == ED25519 && key.name().equals(origin))
        .anyMatch(key ->
            signatures.stream()
                .anyMatch(line -> made(key, line) && verifies(key, message, line.bytes())));
  }

  /** The trusted witnesses among the signers, and when each signed; untrue ones are left out. */
  Map<String, Instant> witnesses(Note note) {
    Map<String, Instant> witnesses = new TreeMap<>();
    for (Key key : keys) {
      for (Note.Signature signature : note.signatures()) {
        if (!key.name().equals(note.origin()) && made(key, signature)) {
          time(key, signature, note).ifPresent(time -> witnesses.put(key.name(), time));
        }
      }
    }
    return witnesses;
  }

  private static boolean made(Key key, Note.Signature signature) {
    return key.name().equals(signature.name()) && key.id() == signature.keyId();
  }

  /** When it was signed (the beginning of time where it does not say), if the signature is true. */
  private static Optional<Instant> time(Key key, Note.Signature signature, Note note) {
    byte[] bytes = signature.bytes();
    long time = 0;
    if (key.type() != ED25519) {
      if (bytes.length <= Long.BYTES) {
        return Optional.empty();
      }
      time = ByteBuffer.wrap(bytes).getLong();
      bytes = Arrays.copyOfRange(bytes, Long.BYTES, bytes.length);
    }
    boolean good = time >= 0 && verifies(key, message(key, time, note), bytes);
    return good ? Optional.of(Instant.ofEpochSecond(time)) : Optional.empty();
  }

  private static byte[] message(Key key, long time, Note note) {
    byte[] text = note.text().getBytes(StandardCharsets.UTF_8);
    return switch (key.type()) {
      case ED25519 -> text;
      case ED25519_COSIGNATURE ->
          joined(("cosignature/v1\ntime " + time + "\n").getBytes(StandardCharsets.US_ASCII), text);
      default ->
          joined(
              "subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII),
              sized(key.name()),
              whole(time),
              sized(note.origin()),
              whole(0),
              whole(note.size()),
              note.root());
    };
  }

  private static boolean verifies(Key key, byte[] message, byte[] bytes) {
    try {
      Signature verifier = Signature.getInstance(key.key().getAlgorithm());
      verifier.initVerify(key.key());
      verifier.update(message);
      return verifier.verify(bytes);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static byte[] sized(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return joined(new byte[] {(byte) bytes.length}, bytes);
  }

  private static byte[] whole(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
