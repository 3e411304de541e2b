// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;

/**
 * Ends the children if the supervisor is killed. It is a shell that waits on a pipe from here: when
 * the pipe closes without a good-bye, it ends the programs, then the database.
 */
final class Guard implements AutoCloseable {
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      programs= databases=
      while read -r kind pid; do
        case $kind in
          program) programs="$programs $pid" ;;
          database) databases="$databases $pid" ;;
          bye) exit 0 ;;
        esac
      done
      for pid in $programs; do kill -TERM $pid 2>/dev/null; done
      left=20
      while [ $left -gt 0 ]; do
        alive=
        for pid in $programs; do kill -0 $pid 2>/dev/null && alive=yes; done
        [ -n "$alive" ] || break
        sleep 0.5
        left=$((left - 1))
      done
      for pid in $programs; do kill -KILL $pid 2>/dev/null; done
      for pid in $databases; do kill -INT $pid 2>/dev/null; done
      """;

  private final Process shell;
  private final Writer pipe;

  private Guard(Process shell) {
    this.shell = shell;
    this.pipe = shell.outputWriter();
  }

  static Guard start() throws IOException {
    Process shell =
        new ProcessBuilder("/bin/sh", "-c", SCRIPT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new Guard(shell);
  }

  void program(long pid) {
    tell("program " + pid);
  }

  void database(long pid) {
    tell("database " + pid);
  }

  @Override
  public void close() throws IOException {
    tell("bye 0");
    pipe.close();
  }

  int awaitExit() throws InterruptedException {
    return shell.waitFor();
  }

  private synchronized void tell(String line) {
    try {
      pipe.write(line + "\n");
      pipe.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the guard has gone", e);
    }
  }
}
