// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.DeniedBySource;
import dev.obolus.connector.ConnectorFailure.Malformed;
import dev.obolus.connector.ConnectorFailure.NotAuthenticated;
import dev.obolus.connector.ConnectorFailure.NotFound;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorFailure.Throttled;
import dev.obolus.connector.ConnectorFailure.TimedOut;
import dev.obolus.connector.ConnectorFailure.Unavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the source's refusals mean. Only codes from the lists below leave this class: an error that
 * arises while rows are read has one code whatever it says, because its text could tell of rows
 * that the person may not see.
 */
final class Faults {
  private static final Pattern CONDITION = Pattern.compile("^\\[?([A-Z][A-Z0-9_]{2,60})[\\].: ]");
  private static final Set<String> DENIED =
      Set.of("INSUFFICIENT_PERMISSIONS", "PERMISSION_DENIED", "UNAUTHORIZED_ACCESS");
  private static final Set<String> NOT_FOUND =
      Set.of(
          "TABLE_OR_VIEW_NOT_FOUND",
          "SCHEMA_NOT_FOUND",
          "CATALOG_NOT_FOUND",
          "NO_SUCH_CATALOG_EXCEPTION",
          "RESOURCE_DOES_NOT_EXIST");
  private static final Set<String> REJECTED =
      Set.of("PARSE_SYNTAX_ERROR", "UNRESOLVED_COLUMN", "UNRESOLVED_ROUTINE", "DATATYPE_MISMATCH");
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private Faults() {}

  /** A refusal by HTTP status. */
  static ConnectorFailure ofStatus(int status, String errorCode, Optional<String> retryAfter) {
    return switch (status) {
      case 401 -> new NotAuthenticated("unauthenticated");
      case 403 ->
          errorCode.equals("UNAUTHENTICATED")
              ? new NotAuthenticated("unauthenticated")
              : new DeniedBySource(
                  errorCode.equals("PERMISSION_DENIED") ? "permission_denied" : "forbidden");
      case 404 -> new NotFound("not_found");
      case 408, 504 -> new TimedOut(SourceState.UNKNOWN);
      case 413 -> new ConnectorFailure.TooLarge("statement");
      case 429 -> new Throttled(retryAfter.flatMap(Faults::wait));
      case 400, 405, 409, 415, 422 -> new Malformed("request_rejected");
      default ->
          new Unavailable(
              status >= 500 ? "server_error" : status < 400 ? "redirected" : "unexpected_status");
    };
  }

  /** A refusal inside an answer that says 200. */
  static ConnectorFailure ofStatement(String errorCode, String message, String sqlState) {
    Matcher matcher = CONDITION.matcher(message);
    String condition = matcher.find() ? matcher.group(1) : "";
    if (DENIED.contains(condition) || sqlState.equals("42501")) {
      return new DeniedBySource("insufficient_permissions");
    }
    if (NOT_FOUND.contains(condition) || sqlState.equals("42P01")) {
      return new NotFound("table_or_view_not_found");
    }
    if (REJECTED.contains(condition) || sqlState.startsWith("42")) {
      return new ConnectorFailure.Rejected("statement_rejected");
    }
    return ofErrorCode(errorCode);
  }

  private static ConnectorFailure ofErrorCode(String errorCode) {
    return switch (errorCode) {
      case "UNAUTHENTICATED" -> new NotAuthenticated("unauthenticated");
      case "PERMISSION_DENIED" -> new DeniedBySource("insufficient_permissions");
      case "NOT_FOUND" -> new NotFound("table_or_view_not_found");
      case "RESOURCE_EXHAUSTED" -> new Throttled(Optional.empty());
      case "DEADLINE_EXCEEDED" -> new TimedOut(SourceState.STOPPED);
      case "CANCELLED", "ABORTED" -> new Unavailable("stopped_at_source");
      case "INTERNAL_ERROR",
          "IO_ERROR",
          "TEMPORARILY_UNAVAILABLE",
          "SERVICE_UNDER_MAINTENANCE",
          "WORKSPACE_TEMPORARILY_UNAVAILABLE" ->
          new Unavailable("server_error");
      default -> new ConnectorFailure.Rejected("statement_failed");
    };
  }

  private static Optional<Duration> wait(String retryAfter) {
    if (!retryAfter.matches("\\d{1,9}")) {
      return Optional.empty();
    }
    Duration asked = Duration.ofSeconds(Long.parseLong(retryAfter));
    return Optional.of(asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked);
  }
}
