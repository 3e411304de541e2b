// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.PolicyInput;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Made-up requests over what facts there are: to warm up with, and to measure with. */
public final class SampleInputs {
  private static final String NOBODY = "00000000-0000-0000-0000-000000000000";
  private static final int MOST = 200;

  private SampleInputs() {}

  /** Each user for each resource, through the first agent; one of nobody at least. */
  public static List<PolicyInput> of(Facts facts) {
    Agent agent = agent(facts);
    Set<String> groups =
        facts.part("groups").propertyNames().stream().limit(50).collect(Collectors.toSet());
    List<PolicyInput> inputs = new ArrayList<>();
    inputs.add(input(NOBODY, NOBODY, Set.of(), agent, "none", "main.none.none", Set.of("id")));
    for (Map.Entry<String, JsonNode> user : facts.part("users").properties()) {
      for (Map.Entry<String, JsonNode> resource : facts.part("resources").properties()) {
        if (inputs.size() < MOST) {
          inputs.add(
              input(
                  user.getValue().path("tenant").asString(),
                  user.getKey(),
                  groups,
                  agent,
                  resource.getValue().path("connector").asString(),
                  resource.getKey(),
                  Set.copyOf(resource.getValue().path("columns").propertyNames())));
        }
      }
    }
    return inputs;
  }

  private record Agent(String client, String operation, Optional<String> purpose) {}

  private static Agent agent(Facts facts) {
    return facts.part("agents").properties().stream()
        .findFirst()
        .map(agent ->
            new Agent(
                agent.getKey(),
                agent.getValue().path("operations").path(0).asString("x/query").split("/", 2)[1],
                Optional.ofNullable(agent.getValue().path("purposes").get(0))
                    .map(JsonNode::asString)))
        .orElse(new Agent(NOBODY, "query", Optional.empty()));
  }

  private static PolicyInput input(
      String tenant,
      String user,
      Set<String> groups,
      Agent agent,
      String connector,
      String resource,
      Set<String> columns) {
    return new PolicyInput(
        new PolicyInput.SubjectFacts(
            "user", tenant, user, groups, true, Set.of(), Optional.empty(), Optional.empty()),
        new PolicyInput.ActorFacts(agent.client(), "client-app", false, Optional.empty()),
        new PolicyInput.TokenFacts(Optional.empty(), Set.of("access_as_user"), Set.of(), Set.of()),
        new PolicyInput.Claimed(agent.purpose(), Optional.empty(), List.of()),
        new PolicyInput.Action(
            connector,
            agent.operation(),
            ActionClass.READ,
            Lane.OBO,
            columns,
            100,
            Optional.empty(),
            EnumSet.allOf(Obligation.Kind.class)),
        Optional.of(new PolicyInput.Resource(new ResourceName(resource))),
        new PolicyInput.Context(Instant.EPOCH, "warm-up", "0".repeat(31) + "1", NOBODY));
  }
}
