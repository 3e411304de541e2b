// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A head as a record of another chain writes it down: chain, number and MAC. */
record WrittenHead(ChainId chain, long seq, Bytes mac) {
  private static final Pattern LINE =
      Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{64})");

  static WrittenHead parse(String line) throws Malformed {
    Matcher part = LINE.matcher(line);
    if (!part.matches()) {
      throw new Malformed("another chain's head");
    }
    return new WrittenHead(
        ChainId.parse(part.group(1)), Long.parseLong(part.group(2)), Bytes.ofHex(part.group(3)));
  }
}
