// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.Purge;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What was kept of an agent goes with it. */
class DepartedAgentsTest {
  private final Set<String> registered = new HashSet<>(Set.of("copilot", "planner"));
  private final AtomicInteger forgotten = new AtomicInteger();
  private final List<Purge> purged = new ArrayList<>();
  private final DepartedAgents agents =
      new DepartedAgents(() -> Set.copyOf(registered), forgotten::incrementAndGet, purged::add);

  @Test
  void anAgentThatIsNoLongerRegisteredTakesItsTokensWithIt() {
    agents.look();
    registered.remove("planner");
    agents.look();
    assertThat(forgotten).hasValue(1);
    assertThat(purged).containsExactly(new Purge.Agent("planner"));
  }

  @Test
  void aNewAgentOrAnUnchangedOneCostsNothing() {
    agents.look();
    registered.add("newcomer");
    agents.look();
    agents.look();
    assertThat(forgotten).hasValue(0);
    assertThat(purged).isEmpty();
  }
}
