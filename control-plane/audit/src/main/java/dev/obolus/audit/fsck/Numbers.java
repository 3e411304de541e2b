// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.util.Arrays;

/**
 * The numbers of a chain's records that are there, from 1 on, told in ascending order: sixteen
 * bytes for each run of them, however large they are. Not for several threads.
 */
final class Numbers {
  /** First and last of each run, ascending; no two runs touch. */
  private long[] runs = new long[2];

  private int used;
  private long count;

  /** Takes the next one, which must be greater than all before. */
  void add(long number) throws Malformed {
    long newest = newest();
    if (number <= newest) {
      throw new Malformed("a number of a record");
    }
    count++;
    if (used > 0 && number == newest + 1) {
      runs[used - 1] = number;
      return;
    }
    if (used == runs.length) {
      runs = Arrays.copyOf(runs, 2 * used);
    }
    runs[used++] = number;
    runs[used++] = number;
  }

  boolean has(long number) {
    int at = Arrays.binarySearch(runs, 0, used, number);
    return at >= 0 || (~at & 1) == 1; // between the first and the last of a run
  }

  long count() {
    return count;
  }

  /** 0 if there is none. */
  long newest() {
    return used == 0 ? 0 : runs[used - 1];
  }

  /** At least 1; one after the newest if none before is missing. */
  long firstMissing() {
    return used == 0 || runs[0] > 1 ? 1 : runs[1] + 1;
  }

  /** The last that is missing up to that one; 0 if none is. */
  long lastMissing(long to) {
    if (!has(to)) {
      return to;
    }
    int at = Arrays.binarySearch(runs, 0, used, to);
    int run = (at >= 0 ? at : ~at) & ~1;
    return runs[run] - 1;
  }
}
