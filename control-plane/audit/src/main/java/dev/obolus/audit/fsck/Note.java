// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A checkpoint as a C2SP signed note, taken apart.
 *
 * @param text what is signed
 * @param root 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent")
record Note(String text, String origin, long size, byte[] root, List<Signature> signatures) {

  /** A line under the text: whose, and the bytes after the key's id. */
  record Signature(String name, int keyId, byte[] bytes) {}

  /** Fails with {@link IllegalArgumentException} on anything else. */
  static Note parse(String note) {
    int blank = note.lastIndexOf("\n\n");
    check(blank > 0 && note.endsWith("\n"), "no signatures");
    String text = note.substring(0, blank + 1);
    String[] line = text.split("\n", -1);
    check(line.length >= 4 && line[1].matches("0|[1-9][0-9]{0,17}"), "not a checkpoint");
    byte[] root = Base64.getDecoder().decode(line[2]);
    check(root.length == MerkleTree.HASH, "a root of another length");
    return new Note(
        text, line[0], Long.parseLong(line[1]), root, signatures(note.substring(blank + 2)));
  }

  /** As it was before it was taken apart. */
  String whole() {
    StringBuilder note = new StringBuilder(text).append('\n');
    for (Signature signature : signatures) {
      byte[] bytes =
          ByteBuffer.allocate(Integer.BYTES + signature.bytes().length)
              .putInt(signature.keyId())
              .put(signature.bytes())
              .array();
      note.append("\u2014 ")
          .append(signature.name())
          .append(' ')
          .append(Base64.getEncoder().encodeToString(bytes))
          .append('\n');
    }
    return note.toString();
  }

  static List<Signature> signatures(String lines) {
    List<Signature> signatures = new ArrayList<>();
    for (String line : lines.split("\n", -1)) {
      if (!line.isEmpty()) {
        String[] part = line.split(" ", -1);
        check(part.length == 3 && part[0].equals("\u2014"), "not a signature line");
        byte[] bytes = Base64.getDecoder().decode(part[2]);
        check(bytes.length > 4, "a signature that ends early");
        int id = ByteBuffer.wrap(bytes).getInt();
        signatures.add(new Signature(part[1], id, Arrays.copyOfRange(bytes, 4, bytes.length)));
      }
    }
    return List.copyOf(signatures);
  }

  private static void check(boolean fits, String what) {
    if (!fits) {
      throw new IllegalArgumentException("not a signed checkpoint: " + what);
    }
  }
}
