// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * A public key for notes: a C2SP verifier key, {@code name+id+key}.
 *
 * @param key as its type encodes it
 */
public record NoteKey(String name, SignatureType type, Bytes key) {
  public NoteKey {
    SignedNote.checkName(name);
    if (key.length() != type.keyLength()) {
      throw new IllegalArgumentException("a public key of another length: " + name);
    }
  }

  int id() {
    return type.keyId(name, key);
  }

  /** The id as the line has it: eight hex digits. */
  public String hexId() {
    return HexFormat.of().toHexDigits(id());
  }

  /** The line that others are given. */
  @Override
  public String toString() {
    byte[] typed = new byte[1 + key.length()];
    typed[0] = type.code();
    System.arraycopy(key.toArray(), 0, typed, 1, key.length());
    return name + "+" + hexId() + "+" + Base64.getEncoder().encodeToString(typed);
  }

  public static NoteKey parse(String line) {
    String[] part = line.split("\\+", 3);
    if (part.length != 3) {
      throw new IllegalArgumentException("not a verifier key");
    }
    byte[] typed = Base64.getDecoder().decode(part[2]);
    NoteKey parsed =
        new NoteKey(
            part[0],
            SignatureType.of(typed[0]),
            Bytes.of(Arrays.copyOfRange(typed, 1, typed.length)));
    if (!parsed.hexId().equals(part[1])) {
      throw new IllegalArgumentException("a verifier key whose id is another's: " + part[0]);
    }
    return parsed;
  }

  /** Reads a file of verifier keys, one a line; lines that begin with # are remarks. */
  public static List<NoteKey> read(Path file) throws IOException {
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(NoteKey::parse)
          .toList();
    } catch (IllegalArgumentException e) {
      throw new IOException("not verifier keys: " + file + ": " + e.getMessage(), e);
    }
  }

  /** Whether the line is this key's. */
  public boolean made(SignedNote.Line line) {
    return line.name().equals(name) && line.keyId() == id();
  }

  /** Whether a line of this key is a true signature of the text. */
  public boolean verifies(SignedNote.Line line, String text) {
    byte[] signature = line.bytes();
    long time = 0;
    if (type != SignatureType.ED25519) {
      if (signature.length < Long.BYTES) {
        return false;
      }
      time = ByteBuffer.wrap(signature).getLong();
      signature = Arrays.copyOfRange(signature, Long.BYTES, signature.length);
      if (time <= 0) {
        return false;
      }
    }
    return Signatures.verifies(type, key, type.message(name, time, text), signature);
  }

  /**
   * Whether a log itself signed a note.
   *
   * @param trusted the log's keys, of several pairs where it was given new ones
   * @return whether of each type among them a line is there, and none of theirs is untrue
   */
  public static boolean signed(SignedNote note, List<NoteKey> trusted) {
    return !trusted.isEmpty()
        && count(note, trusted) > 0
        && trusted.stream()
            .allMatch(wanted ->
                trusted.stream()
                    .filter(key -> key.type() == wanted.type())
                    .anyMatch(key -> note.lines().stream().anyMatch(key::made)));
  }

  /**
   * How a note fares with trusted keys.
   *
   * @return how many lines were made by them; 0 where one of them is not true
   */
  public static int count(SignedNote note, List<NoteKey> trusted) {
    int good = 0;
    for (SignedNote.Line line : note.lines()) {
      for (NoteKey key : trusted) {
        if (key.made(line)) {
          if (!key.verifies(line, note.text())) {
            return 0;
          }
          good++;
        }
      }
    }
    return good;
  }
}
