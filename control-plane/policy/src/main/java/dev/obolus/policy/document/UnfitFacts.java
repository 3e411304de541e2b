// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/** Facts that are not JSON, or not of their schema. Line and column are 0 where not known. */
public final class UnfitFacts extends Exception {
  private final String file;
  private final int line;
  private final int column;

  public UnfitFacts(String file, int line, int column, String message) {
    super(message);
    this.file = file;
    this.line = line;
    this.column = column;
  }

  static UnfitFacts at(String file, JacksonException fault) {
    TokenStreamLocation place = fault.getLocation();
    return place == null
        ? new UnfitFacts(file, 0, 0, fault.getOriginalMessage())
        : new UnfitFacts(file, place.getLineNr(), place.getColumnNr(), fault.getOriginalMessage());
  }

  public String file() {
    return file;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }
}
