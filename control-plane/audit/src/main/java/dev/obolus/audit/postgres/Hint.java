// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.ChainId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * That a chain has grown to here. Anybody who may connect to the database can send one: it is a
 * reason to look, never what is believed.
 */
record Hint(ChainId chain, long seq) {
  /** The channel that hints are sent on. */
  static final String CHANNEL = "obolus_audit";

  private static final Pattern TEXT = Pattern.compile("([0-9a-f]{32}):([0-9]{1,18})");

  /** Empty for what is not a hint. */
  static Optional<Hint> parse(String text) {
    return TEXT.matcher(text)
        .results()
        .filter(found -> found.start() == 0 && found.end() == text.length())
        .map(found -> new Hint(ChainId.parse(found.group(1)), Long.parseLong(found.group(2))))
        .findFirst();
  }

  String text() {
    return chain + ":" + seq;
  }
}
