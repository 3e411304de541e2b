// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was started, ended in the opposite order, once. */
final class Household {
  private final Deque<AutoCloseable> members = new ArrayDeque<>();
  private boolean ended;

  synchronized void add(AutoCloseable member) throws Exception {
    if (ended) {
      member.close();
      throw new DemoFault("ended while it started");
    }
    members.push(member);
  }

  /** Ends all members; false if there was none. */
  synchronized boolean end() {
    ended = true;
    boolean any = !members.isEmpty();
    while (!members.isEmpty()) {
      try {
        members.pop().close();
      } catch (Exception e) {
        System.err.println("obolus: while ending: " + e.getMessage());
      }
    }
    return any;
  }
}
