// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.connector.AccessPlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.policy.Decision;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Reason;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The groups that a token leaves out: decided on, recorded, looked up as the person, or unknown.
 */
class MembershipsTest {
  private static final String BOB = "0b010500-0000-4000-8000-0000000000c2";
  private static final ResourceName OWN = new ResourceName("graph.me.groups");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MediationFixture fixture = new MediationFixture();
  private final Directory directory = new Directory("directory");
  private final RequestMediator mediator = mediator(directory);

  @Test
  void theLookUpIsDecidedAndRecordedBeforeItIsMadeAndOnlyThenIsTheRequestJudged() {
    assertThat(ask(many(MediationFixture.ALICE))).isInstanceOf(Outcome.Answered.class);
    assertThat(fixture.trail)
        .containsExactly("Decided", "directory", "Served", "Decided", "source", "Served");
    AuditEvent.Decided lookUp = fixture.log.of(AuditEvent.Decided.class).getFirst();
    assertThat(lookUp.connector() + "/" + lookUp.operation()).isEqualTo("directory/my_groups");
    assertThat(lookUp.effect()).isEqualTo("allow");
    assertThat(lookUp.person().orElseThrow().objectId()).isEqualTo(MediationFixture.ALICE);
    assertThat(lookUp.purpose()).isEmpty();
    assertThat(judged())
        .extracting(PolicyInput.SubjectFacts::groupsComplete)
        .containsExactly(false, true);
    assertThat(judged().getLast().groups()).containsExactly(group(MediationFixture.ALICE));
  }

  @Test
  void whoseTokenListsThemIsNotLookedUp() {
    assertThat(ask(MediationFixture.alice())).isInstanceOf(Outcome.Answered.class);
    assertThat(ask(MediationFixture.nightlyJob())).isInstanceOf(Outcome.Refused.class);
    assertThat(directory.asked).isEmpty();
  }

  @Test
  void withoutSuchAConnectorTheyStayUnknown() {
    var _ =
        answer(fixture.mediator().mediate(many(MediationFixture.ALICE), MediationFixture.orders()));
    assertThat(judged())
        .extracting(PolicyInput.SubjectFacts::groupsComplete)
        .containsExactly(false);
  }

  @Test
  void policyMayForbidTheLookUp() {
    fixture.policy.rule =
        inputs ->
            inputs.getFirst().action().connector().equals("directory")
                ? FakePolicy.deny("ORG-005", Reason.About.REQUEST)
                : new Decision.Permit(List.of(), List.of());
    assertUnknown(ask(many(MediationFixture.ALICE)));
    assertThat(directory.asked).isEmpty();
    assertThat(fixture.trail).containsExactly("Decided", "Decided", "source", "Served");
  }

  @Test
  void withoutALogNothingIsLookedUp() {
    fixture.log.down = _ -> true;
    var refused = (Outcome.Refused) ask(many(MediationFixture.ALICE));
    assertThat(refused.code()).isEqualTo(ErrorCode.AUDIT_UNAVAILABLE);
    assertThat(directory.asked).isEmpty();
    fixture.log.down = _ -> false;
    var _ = ask(many(MediationFixture.ALICE));
    assertThat(directory.asked).hasSize(1);
  }

  @Test
  void whoseGroupsWantAStrongerSignInIsAskedForItAndTheNextRequestTriesAgain() {
    fixture.policy.rule = MembershipsTest::whoseGroupsAreKnown;
    directory.answers =
        _ -> failed(new ConnectorFailure.ChallengeRequired("{\"access_token\":{}}"));
    var refused = (Outcome.Refused) ask(many(MediationFixture.ALICE));
    assertThat(refused.code()).isEqualTo(ErrorCode.STEP_UP_REQUIRED);
    assertThat(refused.claims()).contains("{\"access_token\":{}}");
    assertThat(refused.reasons()).extracting(Reason::code).containsExactly("ORG-016");
    assertThat(fixture.trail).containsExactly("Decided", "directory", "Failed", "Decided");
    directory.answers = this::listed;
    assertThat(ask(many(MediationFixture.ALICE))).isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void whoseGroupsWantConsentIsToldSo() {
    fixture.policy.rule = MembershipsTest::whoseGroupsAreKnown;
    directory.answers = _ -> failed(new ConnectorFailure.ConsentRequired("65001"));
    var refused = (Outcome.Refused) ask(many(MediationFixture.ALICE));
    assertThat(refused.code()).isEqualTo(ErrorCode.CONSENT_REQUIRED);
  }

  @Test
  void whoIsDeniedForMoreThanHisGroupsIsNotAskedToSignIn() {
    fixture.policy.rule =
        inputs ->
            inputs.getFirst().action().connector().equals("directory")
                ? new Decision.Permit(List.of(), List.of())
                : FakePolicy.deny("ORG-005", Reason.About.CALLER);
    directory.answers = _ -> failed(new ConnectorFailure.ChallengeRequired("{}"));
    var refused = (Outcome.Refused) ask(many(MediationFixture.ALICE));
    assertThat(refused.code()).isEqualTo(ErrorCode.DENIED);
    assertThat(refused.claims()).isEmpty();
  }

  private static Decision whoseGroupsAreKnown(List<PolicyInput> inputs) {
    boolean known = inputs.getFirst().subject().groupsComplete();
    return known || inputs.getFirst().action().connector().equals("directory")
        ? new Decision.Permit(List.of(), List.of())
        : FakePolicy.deny("ORG-016", Reason.About.CALLER);
  }

  @Test
  void whatFailsIsNotTriedAgainForHalfAMinute() {
    directory.answers = _ -> failed(new ConnectorFailure.DeniedBySource("forbidden"));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    assertThat(directory.asked).hasSize(1);
    later(Duration.ofSeconds(31));
    directory.answers = this::listed;
    var _ = ask(many(MediationFixture.ALICE));
    assertThat(judged().getLast().groups()).containsExactly(group(MediationFixture.ALICE));
  }

  @Test
  void aDirectoryThatIsTooBusyIsLeftAloneForAsLongAsItAsks() {
    directory.answers =
        _ -> failed(new ConnectorFailure.Throttled(Optional.of(Duration.ofMinutes(2))));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    later(Duration.ofSeconds(100));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    assertThat(directory.asked).hasSize(1);
    later(Duration.ofSeconds(30));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    assertThat(directory.asked).hasSize(2);
  }

  @Test
  void aListThatIsNotWholeCountsForNothing() {
    directory.answers = _ -> Mono.just(rows(List.of("g-1"), true));
    assertUnknown(ask(many(MediationFixture.ALICE)));
    fixture.settings =
        new MediationSettings(
            "test", new DataRequest.Limits(5_000, 1_000_000), Duration.ofSeconds(30), 2);
    Directory endless = new Directory("directory");
    endless.answers =
        _ ->
            Mono.just(
                rows(
                    IntStream.rangeClosed(0, Memberships.MOST_GROUPS)
                        .mapToObj(i -> "g-" + i)
                        .toList(),
                    false));
    assertUnknown(answer(mediator(endless).mediate(many(BOB), MediationFixture.orders())));
    Directory odd = new Directory("directory");
    odd.answers = _ -> Mono.just(rows(List.of("g-1", 7L), false));
    assertUnknown(answer(mediator(odd).mediate(many(BOB), MediationFixture.orders())));
  }

  @Test
  void whatWasToldIsKeptForFiveMinutes() {
    for (int i = 0; i < 3; i++) {
      var _ = ask(many(MediationFixture.ALICE));
    }
    assertThat(directory.asked).hasSize(1);
    later(Duration.ofMinutes(5).plusSeconds(1));
    var _ = ask(many(MediationFixture.ALICE));
    assertThat(directory.asked).hasSize(2);
  }

  @Test
  void anotherClientOfTheSamePersonAsksForItself() {
    var _ = ask(many(MediationFixture.ALICE, "client"));
    var _ = ask(many(MediationFixture.ALICE, "another"));
    assertThat(directory.asked).hasSize(2);
  }

  @Test
  void aPurgeVoidsWhatWasToldAndWhatIsBeingAsked() {
    var _ = ask(many(MediationFixture.ALICE));
    fixture.connector.purge(new Purge.Person(MediationFixture.TENANT, MediationFixture.ALICE));
    var _ = ask(many(MediationFixture.ALICE));
    assertThat(directory.asked).hasSize(2);
    directory.answers =
        request -> {
          fixture.connector.purge(new Purge.Person(MediationFixture.TENANT, BOB));
          return listed(request);
        };
    assertUnknown(ask(many(BOB)));
  }

  @Test
  void aHerdMakesOneLookUpAndWhoHangsUpDoesNotEndIt() {
    Sinks.One<ConnectorResult> told = Sinks.one();
    directory.answers = _ -> told.asMono();
    Caller caller = many(MediationFixture.ALICE);
    Disposable first = mediator.mediate(caller, MediationFixture.orders()).subscribe();
    List<Mono<Outcome>> herd = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Mono<Outcome> one = mediator.mediate(caller, MediationFixture.orders()).cache();
      herd.add(one);
      var _ = one.subscribe();
    }
    first.dispose();
    assertThat(told.tryEmitValue(rows(List.of(group(MediationFixture.ALICE)), false)).isSuccess())
        .isTrue();
    assertThat(herd)
        .allSatisfy(one -> assertThat(answer(one)).isInstanceOf(Outcome.Answered.class));
    assertThat(directory.asked).hasSize(1);
    assertThat(judged().subList(1, judged().size()))
        .hasSizeGreaterThanOrEqualTo(100)
        .allMatch(PolicyInput.SubjectFacts::groupsComplete);
  }

  @Test
  void nobodyGetsAnothersGroupsInAnyOrder() {
    var random = new Random(20261121);
    List<String> people =
        IntStream.range(0, 50)
            .mapToObj("0b010500-0000-4000-8000-0000000001%02d"::formatted)
            .toList();
    for (int i = 0; i < 1_000; i++) {
      String person = people.get(random.nextInt(people.size()));
      switch (random.nextInt(10)) {
        case 0 -> fixture.connector.purge(new Purge.Person(MediationFixture.TENANT, person));
        case 1 -> later(Duration.ofSeconds(random.nextInt(200)));
        default -> {
          var _ = ask(many(person));
          assertThat(judged().getLast().id()).isEqualTo(person);
          assertThat(judged().getLast().groups()).containsExactly(group(person));
        }
      }
    }
    assertThat(directory.asked).allSatisfy(it -> assertThat(it).isIn(people));
  }

  @Test
  void theLookUpAskedForByItsNameIsNotLookedUpFor() {
    var _ =
        answer(
            mediator.mediate(
                many(MediationFixture.ALICE),
                MediationFixture.ask("directory", "my_groups", java.util.Map.of())));
    assertThat(fixture.trail).containsExactly("Decided", "directory", "Served");
  }

  @Test
  void theCatalogueIsShownByThemToo() {
    var connectors = new ConnectorCatalogue(List.of(fixture.connector, directory));
    var memberships = new Memberships(connectors, fixture.connector, fixture.nanos::get);
    var catalogue =
        new PolicysCatalogue(
            connectors,
            memberships,
            fixture.mediator(connectors, memberships),
            fixture.policy,
            "test",
            () -> "id-" + fixture.ids.incrementAndGet(),
            InstantSource.fixed(MediationFixture.NOW));
    var _ = catalogue.of(many(MediationFixture.ALICE), "0af7651916cd43dd8448eb211c80319c").block();
    assertThat(fixture.trail).containsExactly("Decided", "directory", "Served");
    assertThat(judged().getLast().groups()).containsExactly(group(MediationFixture.ALICE));
  }

  @Test
  void twoConnectorsThatCouldTellStopTheStart() {
    var both = new ConnectorCatalogue(List.of(directory, new Directory("second")));
    assertThatThrownBy(() -> new Memberships(both, fixture.connector, fixture.nanos::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("directory and second");
  }

  private RequestMediator mediator(Connector groups) {
    fixture.policy.visible = Set.of(FakeConnector.ORDERS, OWN);
    return fixture.mediator(new ConnectorCatalogue(List.of(fixture.connector, groups)));
  }

  private void later(Duration time) {
    fixture.nanos.addAndGet(time.toNanos());
  }

  private Outcome ask(Caller caller) {
    return answer(mediator.mediate(caller, MediationFixture.orders()));
  }

  private static Outcome answer(Mono<Outcome> outcome) {
    return Objects.requireNonNull(outcome.block(PATIENCE));
  }

  private List<PolicyInput.SubjectFacts> judged() {
    return fixture.policy.asked.stream().map(inputs -> inputs.getFirst().subject()).toList();
  }

  private void assertUnknown(Outcome outcome) {
    assertThat(outcome).isNotNull();
    assertThat(judged().getLast().groupsComplete()).isFalse();
    assertThat(judged().getLast().groups()).isEmpty();
  }

  private Mono<ConnectorResult> listed(String person) {
    return Mono.just(rows(List.of(group(person)), false));
  }

  private static Mono<ConnectorResult> failed(ConnectorFailure failure) {
    return Mono.just(new ConnectorResult.Failed(failure, Usage.NONE));
  }

  private static ConnectorResult rows(List<?> ids, boolean truncated) {
    return new ConnectorResult.Rows(
        List.of(new ConnectorResult.Column("id", "STRING")),
        ids.stream().<List<@Nullable Object>>map(id -> List.of(id)).toList(),
        truncated,
        new Usage(ids.size(), 36L * ids.size()));
  }

  private static String group(String person) {
    return "group-of-" + person;
  }

  private static Caller many(String person) {
    return many(person, "client");
  }

  /** Somebody whose token does not list his groups. */
  private static Caller many(String person, String client) {
    Caller.Facts alice = MediationFixture.alice().facts();
    var facts =
        new Caller.Facts(
            alice.tenant(),
            person,
            client,
            alice.strength(),
            false,
            Set.of(),
            false,
            Set.of(),
            alice.scopes(),
            Set.of(),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Optional.of("uti-" + person),
            alice.expiresAt());
    var token = new SubjectToken("token of " + person, alice.expiresAt());
    return new Caller.UserCaller(
        new Subject(alice.tenant(), person, client, Set.of(), token), facts);
  }

  /** Knows everybody's one group. */
  private final class Directory implements Connector {
    private final Operation operation =
        new Operation(
            "my_groups",
            "My groups",
            "One's own groups.",
            ActionClass.READ,
            Lane.OBO,
            List.of(new Operation.Argument("limit", Operation.Type.INTEGER, false, 0, "How many.")),
            Set.of(Obligation.Kind.MAX_ROWS));
    private final ConnectorId id;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private Function<String, Mono<ConnectorResult>> answers = MembershipsTest.this::listed;

    private Directory(String id) {
      this.id = new ConnectorId(id);
    }

    @Override
    public ConnectorId id() {
      return id;
    }

    @Override
    public List<Operation> operations() {
      return List.of(operation);
    }

    @Override
    public Optional<Operation> memberships() {
      return Optional.of(operation);
    }

    @Override
    public Planning plan(DataRequest request) {
      return new Planning.Planned(
          fixture.connector.plan(request, List.of(new AccessPlan.Touched(OWN, Set.of("id")))));
    }

    @Override
    public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
      String person = fixture.connector.subjects.getLast().objectId();
      return access.call(
          "graph/User.Read",
          _ ->
              Mono.defer(() -> {
                fixture.trail.add("directory");
                asked.add(person);
                return answers.apply(person);
              }));
    }
  }
}
