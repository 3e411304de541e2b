// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.util.Locale;

/** A progress line for something slow, and how long it took. */
final class Step {
  private final Terminal terminal;
  private String name = "";
  private long started;

  Step(Terminal terminal) {
    this.terminal = terminal;
  }

  void begin(String what) {
    name = what;
    started = System.nanoTime();
    terminal.say("  starting " + what + " …");
  }

  void done() {
    double seconds = (System.nanoTime() - started) / 1e9;
    terminal.say(String.format(Locale.ROOT, "  %s: %.1f s", name, seconds));
  }
}
