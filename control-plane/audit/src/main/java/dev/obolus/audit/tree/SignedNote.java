// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A C2SP signed note: text that ends in a newline, and signatures.
 *
 * @param text with its last newline
 */
public record SignedNote(String text, List<Line> lines) {
  private static final int MAX_LENGTH = 1 << 20;
  private static final String DASH = "\u2014 ";

  public SignedNote {
    lines = List.copyOf(lines);
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException("a note's text ends in a newline");
    }
  }

  /** The whole, as it is stored and sent. */
  @Override
  public String toString() {
    StringBuilder note = new StringBuilder(text).append('\n');
    lines.forEach(line -> note.append(line).append('\n'));
    return note.toString();
  }

  public SignedNote with(List<Line> more) {
    List<Line> all = new ArrayList<>(lines);
    all.addAll(more);
    return new SignedNote(text, all);
  }

  public static SignedNote parse(String note) {
    int blank = note.lastIndexOf("\n\n");
    if (note.length() > MAX_LENGTH || blank < 0 || !note.endsWith("\n")) {
      throw new IllegalArgumentException("not a signed note");
    }
    if (note.chars().anyMatch(c -> c < 0x20 && c != '\n')) {
      throw new IllegalArgumentException("a note with a control character");
    }
    return new SignedNote(note.substring(0, blank + 1), Line.parseAll(note.substring(blank + 2)));
  }

  static void checkName(String name) {
    if (name.isEmpty()
        || name.length() > 255
        || name.chars()
            .anyMatch(c ->
                c == '+' || c < 0x20 || Character.isWhitespace(c) || Character.isSpaceChar(c))) {
      throw new IllegalArgumentException("a name without spaces and plus signs is wanted: " + name);
    }
  }

  /**
   * One signature.
   *
   * @param name the key's
   * @param keyId the first four bytes of the hash over name, type and public key
   * @param signature in base64, without the key id
   */
  public record Line(String name, int keyId, String signature) {

    static Line of(String name, int keyId, byte[] signature) {
      return new Line(name, keyId, Base64.getEncoder().encodeToString(signature));
    }

    byte[] bytes() {
      return Base64.getDecoder().decode(signature);
    }

    @Override
    public String toString() {
      byte[] bytes = bytes();
      byte[] all = new byte[4 + bytes.length];
      for (int i = 0; i < 4; i++) {
        all[i] = (byte) (keyId >>> (24 - 8 * i));
      }
      System.arraycopy(bytes, 0, all, 4, bytes.length);
      return DASH + name + " " + Base64.getEncoder().encodeToString(all);
    }

    /** Lines of signatures, each ended by a newline; at least one. */
    public static List<Line> parseAll(String text) {
      List<Line> lines = new ArrayList<>();
      for (String line : text.split("\n", -1)) {
        if (!line.isEmpty()) {
          lines.add(parse(line));
        }
      }
      if (lines.isEmpty() || !text.endsWith("\n") || text.startsWith("\n")) {
        throw new IllegalArgumentException("no signature");
      }
      return lines;
    }

    private static Line parse(String line) {
      String[] part = line.split(" ", -1);
      if (part.length != 3 || !line.startsWith(DASH)) {
        throw new IllegalArgumentException("not a signature line");
      }
      byte[] all = Base64.getDecoder().decode(part[2]);
      if (all.length < 5) {
        throw new IllegalArgumentException("a signature without a key id");
      }
      checkName(part[1]);
      int keyId = java.nio.ByteBuffer.wrap(all).getInt();
      return of(part[1], keyId, java.util.Arrays.copyOfRange(all, 4, all.length));
    }
  }
}
