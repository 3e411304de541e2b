// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.AuditVerifier;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/** One line that is written over, on a terminal; nothing where there is none. */
final class ProgressBar implements AuditVerifier.Progress, AutoCloseable {
  private static final int WIDTH = 40;
  private static final long EVERY_NANOS = 200_000_000;

  private final PrintWriter out;
  private final boolean quiet;
  private final long began = System.nanoTime();
  private long shownAt = began;
  private boolean shown;

  ProgressBar(PrintWriter out, boolean quiet) {
    this.out = out;
    this.quiet =
        quiet || Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty();
  }

  @Override
  public void at(long records, long of) {
    long now = System.nanoTime();
    if (!quiet && now - shownAt > EVERY_NANOS) {
      out.print(line(records, of, now - began));
      out.flush();
      shownAt = now;
      shown = true;
    }
  }

  static String line(long records, long of, long nanos) {
    int done = (int) (WIDTH * records / Math.max(1, Math.max(of, records)));
    return String.format(
        Locale.ROOT,
        "\r[%s%s] %,d of %,d, %,d a second ",
        "=".repeat(done),
        " ".repeat(WIDTH - done),
        records,
        of,
        records * 1_000_000_000L / Math.max(1, nanos));
  }

  @Override
  public void close() {
    if (shown) {
      out.print("\r" + " ".repeat(WIDTH * 2) + "\r");
      out.flush();
    }
  }
}
