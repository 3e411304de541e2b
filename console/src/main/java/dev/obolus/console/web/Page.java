// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.web;

import java.util.Map;
import org.springframework.http.HttpStatus;

/** A template, what it shows, and the status it answers with. */
public record Page(String template, HttpStatus status, Map<String, Object> model) {
  public Page {
    model = Map.copyOf(model);
  }

  public static Page of(String template, Map<String, Object> model) {
    return new Page(template, HttpStatus.OK, model);
  }

  /** A page that says a state in three parts: what is, why, and what to do next. */
  public static Page notice(HttpStatus status, Notice notice) {
    return new Page("notice", status, Map.of("notice", notice));
  }

  /**
   * State, cause, next step.
   *
   * @param mark the name of a status mark
   * @param action a path to go on to, with its label
   */
  public record Notice(
      String mark, String title, String cause, String next, String action, String label) {}
}
