// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.connector.Purge;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Forgets what is kept of agents that the policy's facts no longer know. Policy refuses them
 * anyway; but nothing that was verified or exchanged for them stays in memory.
 */
final class DepartedAgents {
  private final Supplier<Set<String>> registered;
  private final Runnable forgetVerified;
  private final Consumer<Purge> purge;
  private Set<String> known = Set.of();

  /**
   * @param registered the client ids that the active facts know
   * @param forgetVerified empties the verified tokens
   * @param purge forgets exchanged tokens
   */
  DepartedAgents(Supplier<Set<String>> registered, Runnable forgetVerified, Consumer<Purge> purge) {
    this.registered = registered;
    this.forgetVerified = forgetVerified;
    this.purge = purge;
  }

  /** To be called after each activation. */
  synchronized void look() {
    Set<String> now = registered.get();
    Set<String> departed = new HashSet<>(known);
    departed.removeAll(now);
    known = now;
    if (!departed.isEmpty()) {
      forgetVerified.run();
      departed.forEach(client -> purge.accept(new Purge.Agent(client)));
    }
  }
}
