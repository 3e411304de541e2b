// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.Optional;

/** What the person at the terminal reads; colours only where a terminal shows them. */
final class Terminal {
  private final PrintStream out;
  private final boolean colours;

  private Terminal(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  static Terminal standard() {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            && System.getenv("NO_COLOR") == null;
    return new Terminal(System.out, terminal);
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }

  void heading(String line) {
    say("");
    say(paint("1", line));
  }

  String good(String words) {
    return paint("32", words);
  }

  String bad(String words) {
    return paint("31", words);
  }

  String faint(String words) {
    return paint("2", words);
  }

  private String paint(String code, String words) {
    return colours ? "\u001b[" + code + "m" + words + "\u001b[0m" : words;
  }
}
