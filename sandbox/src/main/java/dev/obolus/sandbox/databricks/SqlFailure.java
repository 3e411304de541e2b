// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

/** A statement failed, in Databricks' words: an error condition, its SQLSTATE and a message. */
final class SqlFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String condition;
  private final String sqlState;

  SqlFailure(String condition, String sqlState, String detail) {
    super("[" + condition + "] " + detail, null, false, false);
    this.condition = condition;
    this.sqlState = sqlState;
  }

  static SqlFailure syntax(String near) {
    return new SqlFailure(
        "PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near '" + near + "'. SQLSTATE: 42601");
  }

  static SqlFailure notFound() {
    return new SqlFailure(
        "TABLE_OR_VIEW_NOT_FOUND",
        "42P01",
        "The table or view cannot be found. Verify the spelling and correctness of the schema and"
            + " catalog. SQLSTATE: 42P01");
  }

  static SqlFailure cancelled() {
    return new SqlFailure(
        "OPERATION_CANCELED", "HY008", "Operation has been canceled. SQLSTATE: HY008");
  }

  String condition() {
    return condition;
  }

  String sqlState() {
    return sqlState;
  }

  /** The API's own, coarser code. */
  String errorCode() {
    return condition.equals("INTERNAL_ERROR") ? "INTERNAL_ERROR" : "BAD_REQUEST";
  }
}
