// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;

/** Something that is needed cannot be reached or read; the message is the whole explanation. */
final class Unavailable extends Exception {
  /** Undefined table, column, function, schema (PostgreSQL, appendix A). */
  private static final Set<String> OLDER_SCHEMA = Set.of("42P01", "42703", "42883", "3F000");

  private static final long serialVersionUID = 1L;

  Unavailable(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  Unavailable(String sentence) {
    super(sentence);
  }

  /** What was not done, and why: of a file Java names only the path. */
  static Unavailable because(String what, Exception failure) {
    return new Unavailable(what + ": " + why(failure), failure);
  }

  private static String why(Exception failure) {
    String said = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    return switch (failure) {
      case NoSuchFileException _ -> said + " is not there";
      case FileAlreadyExistsException _ -> said + " is there already, and nothing is written over";
      case NotDirectoryException _ -> said + " is no folder";
      case AccessDeniedException _ -> said + " may not be read or written by this user";
      case Exception _ -> said;
    };
  }

  /** The log is there and cannot be read; an older schema is told as such. */
  static Unavailable reading(String what, SQLException failure) {
    return new Unavailable(
        OLDER_SCHEMA.contains(Objects.requireNonNullElse(failure.getSQLState(), ""))
            ? what
                + " cannot be read: its schema is older than this program; run obolus migrate (a"
                + " demo's: start the demo once)"
            : what + " cannot be read: " + failure.getMessage(),
        failure);
  }
}
