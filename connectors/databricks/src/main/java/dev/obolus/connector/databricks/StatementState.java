// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.databricks.StatementApi.Answer;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/** How a statement stands at the source. */
enum StatementState {
  PENDING,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELED,
  CLOSED;

  boolean isUnderWay() {
    return this == PENDING || this == RUNNING;
  }

  static StatementState of(Answer answer) {
    String word = answer.body().path("status").path("state").asString("");
    return Arrays.stream(values())
        .filter(state -> state.name().equals(word))
        .findFirst()
        .orElseThrow(() -> new SourceFailure(new ConnectorFailure.Malformed("statement_state")));
  }

  /** Lets only a success pass: a failure arrives with status 200 as well. */
  static Answer requireSuccess(Answer answer) {
    return switch (of(answer)) {
      case SUCCEEDED -> answer;
      case FAILED -> throw new SourceFailure(failure(answer.body().path("status")));
      case CANCELED, CLOSED ->
          throw new SourceFailure(new ConnectorFailure.Unavailable("stopped_at_source"));
      case PENDING, RUNNING -> throw new IllegalStateException("still under way");
    };
  }

  private static ConnectorFailure failure(JsonNode status) {
    JsonNode error = status.path("error");
    return Faults.ofStatement(
        error.path("error_code").asString(""),
        error.path("message").asString(""),
        status.path("sql_state").asString(""));
  }
}
