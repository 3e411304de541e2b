// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown while a log is verified; on a terminal of {@code python3}'s making. */
class ProgressBarTest {
  private static final long MILLISECOND = 1_000_000;

  @TempDir Path folder;
  private final AtomicLong clock = new AtomicLong();
  private final StringWriter said = new StringWriter();

  @Test
  void oneLineIsWrittenOverAFewTimesASecondAndTakenAway() {
    ProgressBar bar = new ProgressBar(new PrintWriter(said), false, clock::get);
    bar.at(1, 1_000);
    assertThat(said.toString()).as("too early").isEmpty();
    clock.set(500 * MILLISECOND);
    bar.at(250, 1_000);
    bar.at(251, 1_000);
    String shown = "\r[==========                              ] 250 of 1,000, 500 a second ";
    assertThat(said.toString()).isEqualTo(shown);
    bar.close();
    assertThat(said.toString()).isEqualTo(shown + "\r" + " ".repeat(80) + "\r");
  }

  @Test
  void whatWasNeverShownIsNotTakenAwayAndQuietIsQuiet() {
    new ProgressBar(new PrintWriter(said), false, clock::get).close();
    ProgressBar quiet = new ProgressBar(new PrintWriter(said), true, clock::get);
    clock.set(500 * MILLISECOND);
    quiet.at(250, 1_000);
    quiet.close();
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void moreRecordsThanWereExpectedFillTheLineAndDoNotOverflowIt() {
    assertThat(ProgressBar.line(1_001, 1_000, 1)).startsWith("\r[" + "=".repeat(40) + "] ");
    assertThat(ProgressBar.line(0, 0, 0)).startsWith("\r[" + " ".repeat(40) + "] 0 of 0, ");
  }

  @Test
  void itIsStandardErrorsTerminalThatCountsAndTheResultIsUnharmed() throws Exception {
    Path out = folder.resolve("out");
    String shown = onATerminal("2", out);
    assertThat(shown).contains("] 1 of 2, ").endsWith("\r" + " ".repeat(80) + "\r");
    assertThat(out).hasContent("VERIFIED");

    Path err = folder.resolve("err");
    assertThat(onATerminal("1", err).strip()).isEqualTo("VERIFIED");
    assertThat(err).isEmptyFile();
  }

  /**
   * Runs {@link ShowingProgress} with one of its streams on a terminal and the other in a file.
   *
   * @return what the terminal got
   */
  private static String onATerminal(String stream, Path other) throws Exception {
    String python =
        """
        import os, pty, subprocess, sys
        ours, theirs = pty.openpty()
        with open(sys.argv[2], "wb") as other:
            one = {"1": dict(stdout=theirs, stderr=other), "2": dict(stdout=other, stderr=theirs)}
            child = subprocess.Popen(sys.argv[3:], stdin=theirs, **one[sys.argv[1]])
            os.close(theirs)
            got = b""
            while True:
                try:
                    more = os.read(ours, 4096)
                except OSError:
                    break
                if not more:
                    break
                got += more
            sys.stdout.buffer.write(got)
            sys.exit(child.wait())
        """;
    Process process =
        new ProcessBuilder(
                List.of(
                    "python3",
                    "-c",
                    python,
                    stream,
                    other.toString(),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ShowingProgress.class.getName()))
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("it has ended").isTrue();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(Files.exists(other)).isTrue();
    return said;
  }

  /** Shows a line of progress where that may be shown, and a result. */
  static final class ShowingProgress {
    private ShowingProgress() {}

    public static void main(String[] arguments) throws InterruptedException {
      PrintWriter err = ObolusCli.commandLine().getErr();
      try (ProgressBar bar = new ProgressBar(err, false)) {
        Thread.sleep(300);
        bar.at(1, 2);
      }
      System.out.println("VERIFIED");
    }
  }
}
