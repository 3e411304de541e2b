// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.Operation;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyEvaluator;
import dev.obolus.policy.Visibility;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicysCatalogueTest {
  private static final String IDS = "0b010500-0000-4000-8000-0000000000";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private final MediationFixture fixture = new MediationFixture();

  @Test
  void whatPolicyCouldEverAllowIsShown() {
    fixture.policy.seen = new Visibility.Seen(Set.of(FakeConnector.ORDERS));
    assertThat(shown(fixture.policy, MediationFixture.alice()))
        .containsExactly(
            new Catalogue.Listed(fixture.connector.id(), List.of(FakeConnector.QUERY)));
  }

  @Test
  void whereNothingCouldEverBeAllowedNothingIsShown() {
    assertThat(shown(fixture.policy, MediationFixture.alice())).isEmpty();
  }

  @Test
  void policyIsAskedOfTheCallerAndTheOperationAlone() {
    var _ = shown(fixture.policy, MediationFixture.alice());
    var input = fixture.policy.asked.getFirst().getFirst();
    assertThat(input.subject().id()).isEqualTo(MediationFixture.ALICE);
    assertThat(input.action().operation()).isEqualTo("query");
    assertThat(input.action().columns()).isEmpty();
    assertThat(input.resource()).isEmpty();
    assertThat(input.claimed().purpose()).isEmpty();
  }

  @Test
  void wherePolicyCannotSayNothingIsShown() {
    for (EngineFault fault : EngineFault.values()) {
      fixture.policy.seen = new Visibility.Untold(fault);
      assertThatThrownBy(() -> shown(fixture.policy, MediationFixture.alice()))
          .isInstanceOfSatisfying(
              Refusal.class,
              refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.POLICY_UNAVAILABLE));
    }
  }

  @Test
  void byTheDemosPolicyAliceSeesAndOthersDoNot() throws Exception {
    var settings = WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(0);
    try (var evaluator = new WasmPolicyEvaluator(settings)) {
      var _ = evaluator.activate(PackagedPolicy.with(Facts.read(Path.of("../../sandbox/facts"))));
      assertThat(shown(evaluator, person("c1", "b1", Set.of(IDS + "d1"))))
          .flatExtracting(Catalogue.Listed::operations)
          .extracting(Operation::name)
          .containsExactly("query");
      assertThat(shown(evaluator, person("c2", "b1", Set.of()))).as("bob").isEmpty();
      assertThat(shown(evaluator, person("c1", "b9", Set.of(IDS + "d1"))))
          .as("alice through an agent that is not registered")
          .isEmpty();
      assertThat(shown(evaluator, new Caller.AppCaller(facts("b2", "b2", Set.of(IDS + "d1")))))
          .as("an application on its own")
          .isEmpty();
    }
  }

  private List<Catalogue.Listed> shown(PolicyEvaluator evaluator, Caller caller) {
    var connectors = new ConnectorCatalogue(List.of(fixture.connector));
    var memberships = new Memberships(connectors, fixture.connector, fixture.nanos::get);
    var catalogue =
        new PolicysCatalogue(
            connectors,
            memberships,
            fixture.mediator(connectors, memberships),
            evaluator,
            "test",
            () -> "id-" + fixture.ids.incrementAndGet(),
            InstantSource.fixed(MediationFixture.NOW));
    return Objects.requireNonNull(catalogue.of(caller, TRACE).block());
  }

  private static Caller person(String who, String client, Set<String> groups) {
    Caller.Facts facts = facts(who, client, groups);
    var token = new SubjectToken("a token", MediationFixture.NOW.plusSeconds(600));
    return new Caller.UserCaller(
        new Subject(facts.tenant(), facts.objectId(), facts.client(), Set.of(), token), facts);
  }

  private static Caller.Facts facts(String who, String client, Set<String> groups) {
    return new Caller.Facts(
        MediationFixture.TENANT,
        IDS + who,
        IDS + client,
        Caller.Strength.CLIENT_APP,
        false,
        groups,
        true,
        Set.of(),
        Set.of("access_as_user"),
        Set.of(),
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Set.of(),
        Optional.of("uti-1"),
        MediationFixture.NOW.plusSeconds(600));
  }
}
