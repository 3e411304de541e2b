// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

/** JSON pointers (RFC 6901) into the request's body, fit to be shown. */
final class Pointers {
  private static final int MOST = 200;

  private Pointers() {}

  /** A fault of the argument of that name. */
  static Outcome.Fault fault(String argument, String detail) {
    return new Outcome.Fault(
        shown("/arguments/" + argument.replace("~", "~0").replace("/", "~1")), detail);
  }

  /** A pointer into the arguments as one into the body. */
  static String ofArgument(String pointer) {
    return shown("/arguments" + pointer);
  }

  /** Control and formatting characters (bidirectional marks, zero widths) become {@code ?}. */
  private static String shown(String pointer) {
    var text = new StringBuilder(Math.min(pointer.length(), MOST));
    pointer
        .codePoints()
        .limit(MOST)
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(text::appendCodePoint);
    return text.toString();
  }
}
