// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.AuditVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** One line that is written over, where standard error is a terminal; nothing where it is none. */
final class ProgressBar implements AuditVerifier.Progress, AutoCloseable {
  private static final int WIDTH = 40;
  private static final long EVERY_NANOS = 200_000_000;

  private final PrintWriter out;
  private final boolean quiet;
  private final LongSupplier nanos;
  private final long began;
  private long shownAt;
  private boolean shown;

  ProgressBar(PrintWriter out, boolean quiet) {
    this(out, quiet || !onTerminal(), System::nanoTime);
  }

  ProgressBar(PrintWriter out, boolean quiet, LongSupplier nanos) {
    this.out = out;
    this.quiet = quiet;
    this.nanos = nanos;
    this.began = nanos.getAsLong();
    this.shownAt = began;
  }

  /** Java tells of standard input and output only, and they may be a pipe to whoever reads on. */
  private static boolean onTerminal() {
    try {
      return new ProcessBuilder("test", "-t", "2").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void at(long records, long of) {
    long now = nanos.getAsLong();
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
