// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.ChainId;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads which record is meant: {@code chain} and {@code seq}, or neither for the whole log. */
final class PlaceReader {
  private static final Pattern CHAIN = Pattern.compile("[0-9a-f]{32}");

  private PlaceReader() {}

  static Optional<LogVerification.Place> read(Map<String, Object> body) {
    if (!Set.of("chain", "seq").containsAll(body.keySet())) {
      throw malformed("", "Only chain and seq are taken.");
    }
    if (body.isEmpty()) {
      return Optional.empty();
    }
    if (!(body.get("chain") instanceof String chain) || !CHAIN.matcher(chain).matches()) {
      throw malformed("/chain", "The member is not 32 hex digits.");
    }
    if (!(body.get("seq") instanceof Long seq) || seq < 1) {
      throw malformed("/seq", "The member is not a whole number from 1.");
    }
    return Optional.of(new LogVerification.Place(ChainId.parse(chain), seq));
  }

  private static Refusal malformed(String pointer, String detail) {
    return Refusal.at(ErrorCode.MALFORMED, pointer, detail);
  }
}
