// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import dev.obolus.console.operator.OperatorApi.Answer;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** What came of a verification that an operator asked for. */
public sealed interface Verification {

  /** When the answer came. */
  Instant at();

  /** Every record that was looked at is as it was sealed. */
  record Sound(
      Instant at,
      boolean keyed,
      boolean signed,
      long records,
      long chains,
      long tookMillis,
      Noted noted)
      implements Verification {}

  /** Newer than what can be verified yet. */
  record Pending(Instant at, long records, Noted noted) implements Verification {}

  /** A record is not what was sealed. */
  record Broken(
      Instant at,
      String chain,
      long seq,
      String fault,
      String sentence,
      boolean keyed,
      long records)
      implements Verification {
    /** The record's page. */
    public String href() {
      return "/audit/records/" + chain + "/" + seq;
    }
  }

  /** The log is broken at a record that this operator may not see. */
  record BrokenElsewhere(Instant at) implements Verification {}

  /** Whether something is not as it was sealed. */
  default boolean isBroken() {
    return this instanceof Broken || this instanceof BrokenElsewhere;
  }

  /** A gateway refused to verify. */
  record Refused(Instant at, String sentence) implements Verification {}

  /** No gateway answers. */
  record NoGateway(Instant at) implements Verification {}

  /** Reads a gateway's answer; one that makes no sense is never taken for sound. */
  static Verification of(Answer answer, Instant at) {
    return switch (answer) {
      case Answer.Given(JsonNode body) -> read(body, at);
      case Answer.Refused(int status, _, String sentence, _) ->
          new Refused(at, "The gateway refuses (" + status + "). " + sentence);
      case Answer.Silent() -> new NoGateway(at);
    };
  }

  private static Verification read(JsonNode body, Instant at) {
    return switch (body.path("state").asString("")) {
      case "verified" ->
          new Sound(
              at,
              body.path("keyed").asBoolean(false),
              body.path("signed").asBoolean(false),
              body.path("records").asLong(0),
              body.path("chains").asLong(0),
              body.path("took_ms").asLong(0),
              Noted.of(body));
      case "pending" -> new Pending(at, body.path("records").asLong(0), Noted.of(body));
      case "broken" -> broken(body, at);
      default -> new Refused(at, "The gateway's answer could not be understood.");
    };
  }

  private static Verification broken(JsonNode body, Instant at) {
    var bad = body.path("first_bad");
    if (!bad.isObject()) {
      return new BrokenElsewhere(at);
    }
    var chain = bad.path("chain").asString("");
    return new Broken(
        at,
        chain.matches("[0-9a-f]{32}") ? chain : "0".repeat(32),
        bad.path("seq").asLong(0),
        bad.path("fault").asString("unknown"),
        bad.path("sentence").asString(""),
        body.path("keyed").asBoolean(false),
        body.path("records").asLong(0));
  }
}
