// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.rules;

import dev.obolus.sandbox.entra.EntraError;
import java.time.Duration;
import java.util.Map;

/** What happens where a rule holds. */
public sealed interface Then {

  /**
   * The sign-in must have met a control.
   *
   * @param within for {@link Control#FREQUENCY}: how old a sign-in may be
   */
  record Require(Control control, Duration within) implements Then {}

  /** Refused as Entra refuses, with any number. */
  record Refuse(EntraError error, Map<String, String> headers) implements Then {
    Refuse(EntraError error) {
      this(error, Map.of());
    }
  }

  /** Something before Entra answers in its place, by a page. */
  record Page(int status, String html) implements Then {}

  /** No answer for so long, then the connection ends. */
  record Hang(Duration time) implements Then {}

  /** An answer that begins at once, comes byte by byte for so long, and never ends. */
  record Drip(Duration time) implements Then {}
}
