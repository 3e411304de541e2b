// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was started, ended in the opposite order, once. */
final class Household {
  private final Deque<AutoCloseable> members = new ArrayDeque<>();
  private volatile boolean ended;

  synchronized void add(AutoCloseable member) throws Exception {
    if (ended) {
      member.close();
      throw new DemoFault("ended while it started");
    }
    members.push(member);
  }

  /** Whether the end has begun: what stops now was asked to. */
  boolean isEnding() {
    return ended;
  }

  /** Ends all members; false if nothing was running yet. */
  synchronized boolean end() {
    ended = true;
    boolean any = members.stream().anyMatch(member -> !(member instanceof HomeLock));
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
