// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.AccessPlan.Touched;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.policy.PolicyInput;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The only mapping from a request to policy inputs: one per resource, or one without. */
final class PolicyInputs {
  private final String environment;
  private final InstantSource clock;

  PolicyInputs(String environment, InstantSource clock) {
    this.environment = environment;
    this.clock = clock;
  }

  List<PolicyInput> of(Asking asking, Matter.Judged matter) {
    PolicyInput.Context context =
        new PolicyInput.Context(
            clock.instant(), environment, asking.ask().traceId(), asking.clientRequestId());
    Optional<String> hash = matter.statement().map(PolicyInputs::sha256);
    if (matter.resources().isEmpty()) {
      return List.of(input(asking, action(matter, Set.of(), hash), Optional.empty(), context));
    }
    return matter.resources().stream()
        .map(touched -> ofResource(asking, matter, touched, hash, context))
        .toList();
  }

  private static PolicyInput ofResource(
      Asking asking,
      Matter.Judged matter,
      Touched touched,
      Optional<String> hash,
      PolicyInput.Context context) {
    return input(
        asking,
        action(matter, touched.columns(), hash),
        Optional.of(new PolicyInput.Resource(touched.resource())),
        context);
  }

  private static PolicyInput input(
      Asking asking,
      PolicyInput.Action action,
      Optional<PolicyInput.Resource> resource,
      PolicyInput.Context context) {
    Caller.Facts facts = asking.caller().facts();
    return new PolicyInput(
        subject(asking.caller()),
        new PolicyInput.ActorFacts(
            facts.client(), facts.strength().word(), facts.publicClient(), facts.blueprint()),
        new PolicyInput.TokenFacts(
            facts.tokenId(), facts.scopes(), facts.acrs(), facts.capabilities()),
        new PolicyInput.Claimed(
            asking.ask().purpose(), asking.ask().conversation(), asking.ask().via()),
        action,
        resource,
        context);
  }

  private static PolicyInput.SubjectFacts subject(Caller caller) {
    String kind =
        switch (caller) {
          case Caller.UserCaller _ -> "user";
          case Caller.AppCaller _ -> "app";
        };
    Caller.Facts facts = caller.facts();
    return new PolicyInput.SubjectFacts(
        kind,
        facts.tenant(),
        facts.objectId(),
        facts.groups(),
        facts.groupsComplete(),
        facts.roles(),
        facts.guest(),
        facts.homeTenant());
  }

  private static PolicyInput.Action action(
      Matter.Judged matter, Set<String> columns, Optional<String> statementHash) {
    return new PolicyInput.Action(
        matter.connector(),
        matter.operation(),
        matter.actionClass(),
        matter.lane(),
        columns,
        matter.limit(),
        statementHash,
        matter.honours());
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
