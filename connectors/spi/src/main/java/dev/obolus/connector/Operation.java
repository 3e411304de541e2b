// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import java.util.List;
import java.util.Set;

/**
 * One thing a connector can do, as the catalogue shows it to REST, MCP and Copilot Studio alike.
 *
 * @param name lower-case, digits and underscores; unique within the connector
 * @param title a few words for people
 * @param description what it does and how to ask for it; from the reviewed catalogue, never from a
 *     source
 * @param actionClass the most harmless class it can be; a plan may say worse
 * @param lane how identity travels
 * @param arguments a flat schema; an argument not listed here is refused
 * @param honours the obligations that at least some plans of it can meet
 */
public record Operation(
    String name,
    String title,
    String description,
    ActionClass actionClass,
    Lane lane,
    List<Argument> arguments,
    Set<Obligation.Kind> honours) {

  public Operation {
    if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
      throw new IllegalArgumentException("an operation is named by a-z, 0-9 and _");
    }
    arguments = List.copyOf(arguments);
    honours = Set.copyOf(honours);
  }

  /**
   * One argument.
   *
   * @param maxLength of a text in characters, of a list in items; for others ignored
   */
  public record Argument(
      String name, Type type, boolean required, int maxLength, String description) {}

  /** What JSON an argument takes. */
  public enum Type {
    TEXT,
    INTEGER,
    TRUTH,
    /** A list of texts. */
    TEXTS,
    /** One object whose shape the connector checks while planning. */
    OBJECT,
    /** A list of objects whose shape the connector checks while planning. */
    OBJECTS
  }
}
