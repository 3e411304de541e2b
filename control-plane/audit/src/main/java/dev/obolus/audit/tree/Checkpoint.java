// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.util.Base64;

/**
 * A tree's size and root under the log's name: the text of a C2SP tlog-checkpoint, without
 * extension lines.
 *
 * @param origin the log's name, without spaces and plus signs
 * @param root 32 bytes
 */
public record Checkpoint(String origin, long size, Bytes root) {
  public Checkpoint {
    SignedNote.checkName(origin);
    if (size < 0 || root.length() != Rfc6962.LENGTH) {
      throw new IllegalArgumentException("not a checkpoint");
    }
  }

  /** Three lines. */
  public String text() {
    return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root.toArray()) + "\n";
  }

  /** Reads a note's text; lines after the third are let pass, as the specification wants. */
  public static Checkpoint parse(String text) {
    String[] line = text.split("\n", -1);
    if (line.length < 4 || !line[1].matches("0|[1-9][0-9]{0,18}")) {
      throw new IllegalArgumentException("not a checkpoint");
    }
    for (int i = 0; i < line.length - 1; i++) {
      if (line[i].isEmpty()) {
        throw new IllegalArgumentException("a checkpoint with an empty line");
      }
    }
    return new Checkpoint(
        line[0], Long.parseLong(line[1]), Bytes.of(Base64.getDecoder().decode(line[2])));
  }
}
