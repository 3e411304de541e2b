// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import io.r2dbc.spi.R2dbcException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a failure of the database means to those who wait, and to an operator. */
final class WriteFailure {
  private static final String FENCED = "OB001";
  private static final String DUPLICATE = "23505";

  private WriteFailure() {}

  /** Where the connection, or the server, went away nobody knows what became of a commit. */
  static Cause cause(Throwable failure) {
    String sqlState = sqlState(failure);
    if (sqlState == null || sqlState.startsWith("08") || sqlState.startsWith("57P")) {
      return Cause.UNKNOWN_COMMIT;
    }
    return sqlState.equals(FENCED) || sqlState.equals(DUPLICATE) ? Cause.FENCED : Cause.DATABASE;
  }

  /** In words, without anything that a database wrote but its code. */
  static List<String> reasons(String doing, Throwable failure) {
    return failure instanceof LogSession.Unsafe unsafe
        ? unsafe.faults()
        : List.of(doing + ": " + reason(failure));
  }

  private static String reason(Throwable failure) {
    if (failure instanceof IssuedKeys.Refused refused) {
      return String.valueOf(refused.getMessage());
    }
    String sqlState = sqlState(failure);
    return failure.getClass().getSimpleName() + (sqlState == null ? "" : " " + sqlState);
  }

  private static @Nullable String sqlState(Throwable failure) {
    return failure instanceof R2dbcException known ? known.getSqlState() : null;
  }
}
