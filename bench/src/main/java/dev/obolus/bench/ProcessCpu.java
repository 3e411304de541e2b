// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * CPU time of a process and its descendants from Linux's {@code /proc/<pid>/stat} (proc(5): fields
 * 14 to 17, in clock ticks of 10 ms), children that have ended included.
 */
final class ProcessCpu {
  private static final double MILLIS_PER_TICK = 10;

  private ProcessCpu() {}

  static double millis(long pid) throws IOException {
    double sum = own(pid, true);
    try (Stream<ProcessHandle> descendants =
        ProcessHandle.of(pid)
            .orElseThrow(() -> new IOException("no process " + pid))
            .descendants()) {
      for (ProcessHandle descendant : descendants.toList()) {
        sum += own(descendant.pid(), false);
      }
    }
    return sum;
  }

  private static double own(long pid, boolean required) throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!required && !Files.exists(stat)) {
      return 0;
    }
    String line = Files.readString(stat);
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    double ticks = 0;
    for (int i = 11; i <= 14; i++) {
      ticks += Double.parseDouble(fields[i]);
    }
    return ticks * MILLIS_PER_TICK;
  }
}
