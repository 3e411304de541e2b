// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import dev.obolus.console.operator.OperatorApi.Answer;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What came of asking for a personal value of a record. */
public sealed interface Revelation {

  /**
   * The value, checked by a gateway against the commitment in the record. Prints as nothing.
   *
   * @param salt with it the commitment can be computed
   * @param receipt the record that says it was shown
   */
  record Value(String value, String salt, Optional<Receipt> receipt) implements Revelation {
    @Override
    public String toString() {
      return "Revelation.Value[…]";
    }
  }

  /** A key of it was destroyed: nobody can read it. */
  record Erased(Optional<Receipt> receipt) implements Revelation {}

  /** What is stored is not what was sealed. */
  record Altered(Optional<Receipt> receipt) implements Revelation {}

  /** A gateway refuses, in its own words. */
  record Refused(int status, String code, String sentence, String next) implements Revelation {}

  /** No gateway answers, or none can. */
  record NoGateway() implements Revelation {}

  /** Where it is on the record. */
  record Receipt(String chain, long seq) {
    /** The record's page. */
    public String href() {
      return "/audit/records/" + chain + "/" + seq;
    }
  }

  /** Reads a gateway's answer. */
  static Revelation of(Answer answer) {
    return switch (answer) {
      case Answer.Given(JsonNode body) -> read(body);
      case Answer.Refused(int status, String code, String sentence, String next) ->
          new Refused(status, code, sentence, next);
      case Answer.Silent() -> new NoGateway();
    };
  }

  private static Revelation read(JsonNode body) {
    var receipt = receipt(body.path("receipt"));
    return switch (body.path("state").asString("")) {
      case "revealed" ->
          new Value(body.path("value").asString(""), body.path("salt").asString(""), receipt);
      case "erased" -> new Erased(receipt);
      case "altered" -> new Altered(receipt);
      default -> new Refused(502, "", "The gateway's answer could not be understood.", "");
    };
  }

  /** A gateway of before says nothing of it. */
  private static Optional<Receipt> receipt(JsonNode receipt) {
    var chain = receipt.path("chain").asString("");
    return chain.matches("[0-9a-f]{32}")
        ? Optional.of(new Receipt(chain, receipt.path("seq").asLong(0)))
        : Optional.empty();
  }
}
