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
