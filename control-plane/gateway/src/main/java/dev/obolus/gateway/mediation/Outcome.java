// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.Receipt;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.policy.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the caller is told. Every front door renders it in its own words. */
public sealed interface Outcome {

  /**
   * @param receipt the outcome's own record
   * @param withheld the kinds of what was kept back, never counts, predicates or values
   */
  record Answered(
      Decided decision, Receipt receipt, ConnectorResult.Rows rows, List<Withheld> withheld)
      implements Outcome {}

  /**
   * @param decision absent only where the log could not take it
   * @param reasons only what this caller may know
   * @param errors what is wrong with which member
   * @param claims what a further sign-in is to bring, as JSON, where Entra or the source asks for
   *     it
   * @param exchange what may be told of the exchange that was refused, where one was
   */
  record Refused(
      ErrorCode code,
      Optional<Decided> decision,
      Optional<Receipt> receipt,
      List<Reason> reasons,
      List<Fault> errors,
      Optional<String> claims,
      Optional<Duration> retryAfter,
      Optional<RefusedExchange> exchange)
      implements Outcome {

    public Refused(
        ErrorCode code,
        Optional<Decided> decision,
        Optional<Receipt> receipt,
        List<Reason> reasons,
        List<Fault> errors,
        Optional<String> claims,
        Optional<Duration> retryAfter) {
      this(code, decision, receipt, reasons, errors, claims, retryAfter, Optional.empty());
    }
  }

  /**
   * The decision, as a caller may see it.
   *
   * @param id the decision id, a UUIDv7
   * @param effect {@code allow · deny · step_up · approval_needed}
   * @param record the decision's own record
   * @param obligations kinds only
   */
  record Decided(
      String id, String effect, Receipt record, List<Reason> reasons, List<String> obligations) {}

  /**
   * @param kind an obligation's kind
   * @param rule the code of the rule that asked for it
   */
  record Withheld(String kind, String rule) {}

  /**
   * @param pointer a JSON pointer into the body
   */
  record Fault(String pointer, String detail) {}
}
