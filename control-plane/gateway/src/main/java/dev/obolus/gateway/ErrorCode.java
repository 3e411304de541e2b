// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.util.Locale;

/**
 * Every way the gateway says no: the same word in the problem body, the log field, the metric tag
 * and the audit record.
 */
public enum ErrorCode {
  // the caller's request
  MALFORMED(
      Kind.CALLER,
      400,
      "The request is not well formed.",
      "Correct the member named in the errors."),
  UNAUTHENTICATED(
      Kind.CALLER, 401, "No bearer token was presented.", "Send an access token for this gateway."),
  INVALID_TOKEN(
      Kind.CALLER,
      401,
      "The access token was not accepted.",
      "Obtain a new token for this gateway and try again."),
  NOT_FOUND(
      Kind.CALLER,
      404,
      "There is no such thing here.",
      "Ask for the catalogue to see what exists."),
  UNKNOWN_CONNECTOR(
      Kind.CALLER, 404, "There is no such connector.", "Ask for the catalogue to see what exists."),
  UNKNOWN_OPERATION(
      Kind.CALLER,
      404,
      "The connector has no such operation.",
      "Ask for the catalogue to see what exists."),
  METHOD_NOT_ALLOWED(
      Kind.CALLER,
      405,
      "The method is not allowed here.",
      "Use one of the methods in the Allow header."),
  TOO_LARGE(Kind.CALLER, 413, "The request is larger than is taken.", "Ask for less at a time."),
  UNSUPPORTED_MEDIA_TYPE(Kind.CALLER, 415, "Only application/json is taken.", "Send JSON."),
  WRONG_ARGUMENT(
      Kind.CALLER, 422, "An argument is wrong.", "Correct the argument named in the errors."),
  RATE_LIMITED(Kind.CALLER, 429, "You are over your rate.", "Wait as long as Retry-After says."),
  // policy
  DENIED(Kind.REFUSED, 403, "Policy refuses this request.", "See the reasons."),
  APP_ONLY(
      Kind.REFUSED,
      403,
      "An application on its own may not ask for this.",
      "Call with a token issued for a person."),
  ROLE_REQUIRED(
      Kind.REFUSED,
      403,
      "Your roles do not cover this.",
      "Ask whoever assigns the roles of the operator application."),
  FRESH_SIGN_IN_REQUIRED(
      Kind.REFUSED,
      403,
      "This needs a sign-in of the last five minutes.",
      "Sign in anew (prompt=login) and repeat it; the operator application must issue auth_time."),
  SECOND_PERSON_REQUIRED(
      Kind.REFUSED,
      403,
      "Two people must want this, and neither may be the person it is about.",
      "Have one operator propose it and another agree within a day, naming the proposal's record."),
  LEGAL_HOLD(
      Kind.REFUSED,
      409,
      "The tenant, or one whose records name the person, is under a legal hold.",
      "Ask whoever set obolus.audit.retention.legal-holds."),
  RETENTION_MINIMUM(
      Kind.REFUSED,
      409,
      "The person has records younger than the minimum that is kept.",
      "Wait until the newest is older than obolus.audit.retention.minimum."),
  RETENTION_RUNNING(
      Kind.REFUSED,
      409,
      "The records have not been kept as long as they must be.",
      "Wait until obolus.audit.retention lets them go."),
  NOT_PRUNABLE(
      Kind.REFUSED,
      409,
      "That month's records cannot leave the log yet.",
      "See the detail; verify the log if it says that it does not verify."),
  FROZEN(
      Kind.REFUSED,
      403,
      "This is frozen: nothing is served here until an operator lifts it.",
      "Ask whoever watches over this gateway; repeating it does not help."),
  OTHER_OPERATOR_REQUIRED(
      Kind.REFUSED,
      403,
      "Who set a freeze may not lift it.",
      "Ask another operator with the role Approver or Admin."),
  OBLIGATION_UNSUPPORTED(
      Kind.REFUSED,
      403,
      "A condition of the permit cannot be met for this kind of request.",
      "Use the structured query operation, or a simpler statement."),
  STEP_UP_REQUIRED(
      Kind.STEP_UP,
      403,
      "A stronger sign-in is required.",
      "Sign in again as asked, then repeat the request."),
  APPROVAL_REQUIRED(
      Kind.STEP_UP, 403, "Somebody must approve this request.", "Ask the owner of the data."),
  CONSENT_REQUIRED(
      Kind.CONSENT,
      403,
      "The data source has not been consented to in your tenant.",
      "Ask an administrator of your tenant to consent."),
  IDENTITY_DENIED(
      Kind.UPSTREAM,
      403,
      "Your tenant does not let you reach the data source this way.",
      "Tell an administrator of your tenant the code and the correlation id."),
  // the source
  SOURCE_DENIED(
      Kind.UPSTREAM,
      403,
      "The data source itself refused: you lack a right there.",
      "Ask the owner of the data for the right at the source."),
  SOURCE_AUTHENTICATION(
      Kind.UPSTREAM,
      403,
      "The data source does not accept who you are.",
      "Check that you are known to the data source."),
  SOURCE_REJECTED(
      Kind.UPSTREAM,
      422,
      "The data source did not understand the statement.",
      "Correct the statement."),
  SOURCE_NOT_FOUND(
      Kind.UPSTREAM,
      404,
      "The data source has no such thing.",
      "Ask for something that exists at the source."),
  SOURCE_THROTTLED(
      Kind.UPSTREAM, 429, "The data source is busy.", "Wait as long as Retry-After says."),
  SOURCE_TIMED_OUT(
      Kind.UPSTREAM, 504, "The data source did not answer in time.", "Ask for less, or later."),
  SOURCE_UNAVAILABLE(Kind.UPSTREAM, 502, "The data source cannot be reached.", "Try again later."),
  SOURCE_MALFORMED(
      Kind.UPSTREAM,
      502,
      "The data source's answer could not be understood.",
      "Tell whoever runs this gateway."),
  RESULT_TOO_LARGE(
      Kind.UPSTREAM,
      422,
      "The result is larger than is answered.",
      "Ask for fewer rows or columns."),
  // ourselves
  AUDIT_UNAVAILABLE(
      Kind.AUDIT,
      503,
      "The audit log cannot be written, so nothing is served.",
      "Try again later."),
  FREEZE_UNKNOWN(
      Kind.INTERNAL,
      503,
      "Whether this is frozen cannot be told at the moment, so nothing is served.",
      "Try again later."),
  POLICY_UNAVAILABLE(
      Kind.INTERNAL, 503, "Policy cannot be evaluated, so nothing is served.", "Try again later."),
  IDENTITY_UNAVAILABLE(
      Kind.INTERNAL,
      503,
      "Tokens cannot be verified or exchanged at the moment.",
      "Try again later."),
  IDENTITY_MISCONFIGURED(
      Kind.INTERNAL,
      502,
      "The gateway, or your tenant, is set up wrongly for this data source.",
      "Tell whoever runs this gateway the correlation id."),
  OVERLOADED(Kind.INTERNAL, 503, "The gateway is full.", "Try again later."),
  INTERNAL(
      Kind.INTERNAL,
      500,
      "Something went wrong here.",
      "Tell whoever runs this gateway the request id.");

  private final Kind kind;
  private final int status;
  private final String sentence;
  private final String next;

  ErrorCode(Kind kind, int status, String sentence, String next) {
    this.kind = kind;
    this.status = status;
    this.sentence = sentence;
    this.next = next;
  }

  /** The wire word, lower-case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Kind kind() {
    return kind;
  }

  public int status() {
    return status;
  }

  /** A sentence for a human. */
  public String sentence() {
    return sentence;
  }

  /** What to do next. */
  public String next() {
    return next;
  }

  /** Whose matter it is. */
  public enum Kind {
    CALLER,
    REFUSED,
    STEP_UP,
    CONSENT,
    UPSTREAM,
    AUDIT,
    INTERNAL
  }
}
