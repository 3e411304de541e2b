// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Failed;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning.Fault;
import dev.obolus.connector.Planning.Planned;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.connector.conformance.SourceDialect.Met;
import dev.obolus.connector.conformance.SourceDialect.Refusal;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import dev.obolus.terms.Obligation;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What every connector must show. A connector's test inherits it and speaks the dialect. */
public abstract class ConnectorConformance {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final DataRequest.Limits ROOMY = new DataRequest.Limits(1_000, 1_000_000);
  private static final String CANARY = "canary-7f3a";
  private static final List<String> INJECTIONS =
      List.of(
          "' OR '1'='1",
          "x'; DROP TABLE orders; --",
          "x\\' OR 1=1 --",
          "` OR 1=1 --",
          "\" OR 1=1 --",
          ":p0",
          "${jndi:ldap://x}",
          "%' OR '%'='",
          "/*",
          "*/ UNION SELECT",
          "\u0000",
          "\u202e",
          "\u2019 OR 1=1");

  private SourceStub source;
  private Connector connector;

  /** A connector for the source at that address, as configuration would make it. */
  protected abstract Connector connector(URI source);

  protected abstract SourceDialect dialect();

  @BeforeEach
  final void startSource() {
    source = SourceStub.start(_ -> dialect().rows(List.of("a", "b")));
    connector = connector(source.uri());
  }

  @AfterEach
  final void stopSource() {
    source.close();
  }

  @Test
  void operationsAreNamedOnceAndDescribedForPeople() {
    assertThat(connector.operations()).isNotEmpty();
    assertThat(connector.operations()).extracting(Operation::name).doesNotHaveDuplicates();
    assertThat(connector.operations())
        .allSatisfy(operation -> {
          assertThat(operation.title()).isNotBlank();
          assertThat(operation.description()).isNotBlank();
          assertThat(operation.arguments())
              .allSatisfy(argument -> assertThat(argument.description()).isNotBlank());
        });
  }

  @Test
  void planningTouchesNothing() {
    var plan = planned(dialect().benign(ROOMY));
    assertThat(plan.resources()).isNotEmpty();
    assertThat(source.received()).isEmpty();
  }

  @Test
  void anUndeclaredArgumentIsRefusedByName() {
    for (Operation operation : connector.operations()) {
      var arguments = new LinkedHashMap<>(dialect().benign(ROOMY).arguments());
      arguments.put("impersonate", "root");
      var planning = connector.plan(new DataRequest(connector.id(), operation, arguments, ROOMY));
      assertThat(planning).isInstanceOf(Unplannable.class);
    }
    var benign = dialect().benign(ROOMY);
    var arguments = new LinkedHashMap<>(benign.arguments());
    arguments.put("impersonate", "root");
    var unplannable =
        (Unplannable)
            connector.plan(new DataRequest(connector.id(), benign.operation(), arguments, ROOMY));
    assertThat(unplannable.pointer()).isEqualTo("/impersonate");
    assertThat(unplannable.fault()).isEqualTo(Fault.UNKNOWN_ARGUMENT);
  }

  @Test
  void anUndeclaredOperationIsRefused() {
    Operation known = connector.operations().getFirst();
    var other =
        new Operation(
            "undeclared",
            known.title(),
            known.description(),
            known.actionClass(),
            known.lane(),
            known.arguments(),
            known.honours());
    assertThatThrownBy(
            () -> connector.plan(new DataRequest(connector.id(), other, Map.of(), ROOMY)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePersonsTokenAndNoOtherReachesTheSource() {
    List<String> people = IntStream.range(0, 20).mapToObj(i -> "person" + i).toList();
    var results =
        Flux.fromIterable(people)
            .flatMap(person -> execute(dialect().benign(ROOMY), List.of(), person), 20)
            .collectList()
            .block(PATIENCE);
    assertThat(results).hasSize(people.size()).allMatch(Rows.class::isInstance);
    assertThat(source.received()).hasSizeGreaterThanOrEqualTo(people.size());
    assertThat(source.received())
        .allSatisfy(request ->
            assertThat(request.header("Authorization"))
                .isEqualTo(
                    new PersonsAccess(request.header("client-request-id")).authorization(1)));
  }

  @Test
  void theTokenIsAskedForTheSourcesOwnScope() {
    var access = new PersonsAccess("alice");
    var _ =
        connector
            .execute(authorized(dialect().benign(ROOMY), List.of(), "alice"), access)
            .block(PATIENCE);
    assertThat(access.scopes()).containsExactly(dialect().scope());
  }

  @Test
  void aClaimsChallengeIsAnsweredWithAFreshTokenAndKnownClaimsOnly() {
    var access = new PersonsAccess("alice");
    source.script(request ->
        request.header("Authorization").equals(access.authorization(1))
            ? challenge()
            : dialect().rows(List.of("a")));
    var result =
        awaited(connector.execute(authorized(dialect().benign(ROOMY), List.of(), "alice"), access));
    assertThat(result).isInstanceOf(Rows.class);
    assertThat(access.challenges()).hasSize(1);
    assertThat(access.challenges().getFirst()).contains("acrs").doesNotContain(CANARY);
    assertThat(source.received().getLast().header("Authorization"))
        .isEqualTo(access.authorization(2));
  }

  /** {@code {"access_token":{"acrs":{…},"evil":{…}},"id_token":{…}}}, as a hostile source may. */
  private static Reply challenge() {
    String claims =
        "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"},\"evil\":{\"value\":\""
            + CANARY
            + "\"}},\"id_token\":{\"sub\":{\"value\":\""
            + CANARY
            + "\"}}}";
    String base64 =
        java.util.Base64.getEncoder()
            .encodeToString(claims.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return Reply.json(401, "{}")
        .with(
            "WWW-Authenticate",
            "Bearer realm=\"\", authorization_uri=\"https://evil.example/"
                + CANARY
                + "\", error=\"insufficient_claims\", claims=\""
                + base64
                + "\"");
  }

  @Test
  void noMoreRowsThanAllowedAreAnswered() {
    source.script(_ -> dialect().rows(IntStream.range(0, 50).mapToObj(i -> "v" + i).toList()));
    var rows = rows(dialect().benign(new DataRequest.Limits(7, 1_000_000)));
    assertThat(rows.rows()).hasSize(7);
    assertThat(rows.truncated()).isTrue();
    assertThat(rows.usage().rows()).isEqualTo(7);
  }

  @Test
  void noMoreBytesThanAllowedAreAnswered() {
    source.script(_ -> dialect().rows(Collections.nCopies(50, "0123456789")));
    var rows = rows(dialect().benign(new DataRequest.Limits(1_000, 105)));
    assertThat(rows.rows()).hasSize(10);
    assertThat(rows.truncated()).isTrue();
    assertThat(rows.usage().bytes()).isEqualTo(100);
  }

  @Test
  void aFullAnswerIsNotCalledTruncated() {
    var rows = rows(dialect().benign(new DataRequest.Limits(2, 1_000_000)));
    assertThat(rows.rows()).hasSize(2);
    assertThat(rows.truncated()).isFalse();
  }

  @Test
  void anAnswerWithoutEndIsNotReadToItsEnd() {
    source.script(_ ->
        new Reply(
            200,
            Map.of("Content-Type", "application/json"),
            out -> {
              byte[] filler =
                  " ".repeat(65_536).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
              for (int i = 0; i < 16_384; i++) {
                out.write(filler);
              }
            }));
    assertThat(failure(dialect().benign(new DataRequest.Limits(10, 10_000))))
        .isInstanceOf(ConnectorFailure.TooLarge.class);
  }

  @TestFactory
  Stream<DynamicTest> everyRefusalIsUnderstoodAndNoneOfItsWordsLeaves() {
    return dialect().refusals().stream()
        .map(refusal -> DynamicTest.dynamicTest(refusal.name(), () -> assertUnderstood(refusal)));
  }

  private void assertUnderstood(Refusal refusal) {
    source.script(_ -> refusal.reply());
    ConnectorFailure failure = failure(dialect().benign(ROOMY));
    assertThat(failure).isInstanceOf(refusal.meaning());
    if (failure instanceof ConnectorFailure.TimedOut(SourceState state)) {
      assertThat(state).as("the source was called").isNotEqualTo(SourceState.NOT_CALLED);
    }
    assertThat(failure.toString())
        .doesNotContain(CANARY)
        .matches("[A-Za-z]+\\[[a-zA-Z0-9_=.\\[\\], ]*]");
  }

  /** For dialects to put into the texts of their refusals. */
  protected static String canary() {
    return CANARY;
  }

  @TestFactory
  Stream<DynamicTest> rubbishIsNotTakenForAnAnswer() {
    return Stream.of(
            "", "null", "[]", "{}", "{\"a\":", "true", "{\"a\":1,\"a\":2}", "[".repeat(100_000))
        .map(body ->
            DynamicTest.dynamicTest(
                "body " + body.substring(0, Math.min(12, body.length())),
                () -> {
                  source.script(_ -> Reply.json(200, body));
                  assertThat(failure(dialect().benign(ROOMY)))
                      .isInstanceOf(ConnectorFailure.Malformed.class);
                }));
  }

  @Test
  void aSignInPageIsNotTakenForAnAnswer() {
    source.script(_ -> Reply.html(200));
    assertThat(failure(dialect().benign(ROOMY))).isInstanceOf(ConnectorFailure.Malformed.class);
  }

  @Test
  void aRedirectIsNotFollowed() {
    try (var elsewhere = SourceStub.start(_ -> dialect().rows(List.of("a")))) {
      source.script(_ -> Reply.json(307, "{}").with("Location", elsewhere.uri() + "/x"));
      assertThat(failure(dialect().benign(ROOMY))).isInstanceOf(ConnectorFailure.Unavailable.class);
      assertThat(elsewhere.received()).isEmpty();
    }
  }

  @Test
  void aLinkToAnotherHostIsNotFollowed() {
    try (var elsewhere = SourceStub.start(_ -> dialect().rows(List.of("a")))) {
      source.script(request ->
          dialect().isSubmission(request)
              ? dialect().moreAt(elsewhere.uri() + "/stolen")
              : dialect().rows(List.of("more")));
      var _ = execute(dialect().benign(ROOMY), List.of(), "alice").block(PATIENCE);
      assertThat(elsewhere.received()).isEmpty();
    }
  }

  @Test
  void aSourceThatIsGoneIsUnavailable() {
    source.close();
    assertThat(failure(dialect().benign(ROOMY))).isInstanceOf(ConnectorFailure.Unavailable.class);
  }

  @Test
  void aSlowDripEndsAtTheDeadline() {
    source.script(_ ->
        new Reply(
            200,
            Map.of("Content-Type", "application/json"),
            out -> {
              for (int i = 0; i < 1_000; i++) {
                out.write(' ');
                out.flush();
                Thread.sleep(20);
              }
            }));
    var result =
        awaited(
            connector.execute(
                authorized(dialect().benign(ROOMY), List.of(), "alice", Duration.ofMillis(500)),
                new PersonsAccess("alice")));
    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).failure()).isInstanceOf(ConnectorFailure.TimedOut.class);
  }

  @Test
  void theDeadlineCancelsAtTheSource() {
    assumeTrue(dialect().worksOn());
    source.script(this::neverDone);
    var result =
        awaited(
            connector.execute(
                authorized(dialect().benign(ROOMY), List.of(), "alice", Duration.ofMillis(800)),
                new PersonsAccess("alice")));
    assertThat(((Failed) result).failure())
        .isEqualTo(new ConnectorFailure.TimedOut(SourceState.STOPPED));
    assertCancelledBy("alice");
  }

  @Test
  void aCallerWhoHangsUpCancelsAtTheSource() {
    assumeTrue(dialect().worksOn());
    source.script(this::neverDone);
    Disposable call = execute(dialect().benign(ROOMY), List.of(), "alice").subscribe();
    await(() -> source.received().stream().anyMatch(request -> !dialect().isSubmission(request)));
    call.dispose();
    await(() -> source.received().stream().anyMatch(dialect()::isCancel));
    assertCancelledBy("alice");
  }

  @Test
  void aSubmissionUnderWayIsWaitedForAndThenCancelled() {
    assumeTrue(dialect().worksOn());
    var hungUp = new CountDownLatch(1);
    source.script(request -> {
      if (dialect().isSubmission(request)) {
        waitFor(hungUp);
      }
      return neverDone(request);
    });
    Disposable call = execute(dialect().benign(ROOMY), List.of(), "alice").subscribe();
    await(() -> source.received().stream().anyMatch(dialect()::isSubmission));
    call.dispose();
    assertThat(source.received()).noneMatch(dialect()::isCancel);
    hungUp.countDown();
    await(() -> source.received().stream().anyMatch(dialect()::isCancel));
    assertCancelledBy("alice");
  }

  private Reply neverDone(Received request) {
    return dialect().isCancel(request) ? dialect().cancelled() : dialect().underWay();
  }

  private void assertCancelledBy(String person) {
    assertThat(source.received())
        .filteredOn(dialect()::isCancel)
        .isNotEmpty()
        .allSatisfy(request ->
            assertThat(request.header("Authorization"))
                .isEqualTo(new PersonsAccess(person).authorization(1)));
  }

  @TestFactory
  Stream<DynamicTest> anObligationIsMetByWhatIsSent() {
    return dialect().obligations().stream()
        .map(met -> DynamicTest.dynamicTest(met.obligation().kind().word(), () -> assertMet(met)));
  }

  private void assertMet(Met met) {
    assertThat(planned(dialect().benign(ROOMY)).meets(met.obligation())).isTrue();
    int before = source.received().size();
    var _ = execute(dialect().benign(ROOMY), List.of(met.obligation()), "alice").block(PATIENCE);
    Received sent =
        source.received().stream()
            .skip(before)
            .filter(dialect()::isSubmission)
            .findFirst()
            .orElseThrow();
    assertThat(met.visibly()).accepts(sent);
  }

  @Test
  void whatCannotBeMetIsNeitherClaimedNorSent() {
    for (Obligation obligation : dialect().unmeetable()) {
      assertThat(planned(dialect().benign(ROOMY)).meets(obligation)).isFalse();
      assertThatThrownBy(
              () -> execute(dialect().benign(ROOMY), List.of(obligation), "alice").block(PATIENCE))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(source.received()).isEmpty();
  }

  @Test
  void aCallersTextNeverBecomesPartOfWhatIsExecuted() {
    assumeTrue(dialect().carriesValues());
    var executed = new HashSet<String>();
    for (String injection : INJECTIONS) {
      var _ = execute(dialect().carrying(injection), List.of(), "alice").block(PATIENCE);
      executed.add(dialect().executed(source.received().getLast()));
    }
    assertThat(executed).hasSize(1);
  }

  @Test
  void theSourcesOwnIdOfEachExchangeIsTold() {
    var access = new PersonsAccess("alice");
    List<String> given = identify(_ -> dialect().rows(List.of("a")));
    var _ = awaited(connector.execute(authorized(dialect().benign(ROOMY)), access));
    assertThat(access.upstream()).containsAll(given).contains("request-1");
  }

  @TestFactory
  Stream<DynamicTest> theSourcesOwnIdOfARefusalIsTold() {
    return dialect().refusals().stream()
        .map(refusal ->
            DynamicTest.dynamicTest(
                refusal.name(),
                () -> {
                  var access = new PersonsAccess("alice");
                  List<String> given = identify(_ -> refusal.reply());
                  var _ = awaited(connector.execute(authorized(dialect().benign(ROOMY)), access));
                  assertThat(access.upstream()).containsAll(given).isNotEmpty();
                }));
  }

  @Test
  void theSourcesOwnIdOfAnUnansweredChallengeIsTold() {
    var access = new PersonsAccess("alice");
    List<String> given = identify(_ -> challenge());
    assertThatThrownBy(
            () -> awaited(connector.execute(authorized(dialect().benign(ROOMY)), access)))
        .isInstanceOf(DelegatedAccess.SourceChallenge.class);
    assertThat(access.upstream()).containsAll(given).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void theSourcesOwnIdsAreToldOfACallThatIsNotWaitedFor() {
    assumeTrue(dialect().worksOn());
    var access = new PersonsAccess("alice");
    // an exchange that is under way when the caller leaves may never be answered to us
    List<String> given =
        identify(
            this::neverDone,
            request -> dialect().isSubmission(request) || dialect().isCancel(request));
    Disposable call = connector.execute(authorized(dialect().benign(ROOMY)), access).subscribe();
    await(() -> source.received().stream().anyMatch(request -> !dialect().isSubmission(request)));
    assertThat(access.upstream()).contains("request-1");
    call.dispose();
    await(() -> given.size() > 1 && access.upstream().containsAll(given));
  }

  /** Numbers the exchanges, from 1; gives the ids of all that there have been. */
  private List<String> identify(Function<Received, Reply> script) {
    return identify(script, _ -> true);
  }

  private List<String> identify(Function<Received, Reply> script, Predicate<Received> wanted) {
    var given = new CopyOnWriteArrayList<String>();
    var number = new AtomicInteger();
    source.script(request -> {
      String id = "request-" + number.incrementAndGet();
      if (wanted.test(request)) {
        given.add(id);
      }
      return dialect().identified(script.apply(request), id);
    });
    return given;
  }

  private static ConnectorResult awaited(Mono<ConnectorResult> result) {
    return Objects.requireNonNull(result.block(PATIENCE));
  }

  private ConnectorFailure failure(DataRequest request) {
    var result = awaited(execute(request, List.of(), "alice"));
    assertThat(result).isInstanceOf(Failed.class);
    return ((Failed) result).failure();
  }

  private Rows rows(DataRequest request) {
    var result = awaited(execute(request, List.of(), "alice"));
    assertThat(result).isInstanceOf(Rows.class);
    return (Rows) result;
  }

  private Mono<ConnectorResult> execute(
      DataRequest request, List<Obligation> obligations, String person) {
    return connector.execute(authorized(request, obligations, person), new PersonsAccess(person));
  }

  private AuthorizedRequest authorized(DataRequest request) {
    return authorized(request, List.of(), "alice");
  }

  private AuthorizedRequest authorized(
      DataRequest request, List<Obligation> obligations, String person) {
    return authorized(request, obligations, person, PATIENCE);
  }

  /** The person's name travels as the request id, so that the stub can tell whose call it is. */
  private AuthorizedRequest authorized(
      DataRequest request, List<Obligation> obligations, String person, Duration deadline) {
    return Authorizations.issue(
        planned(request),
        obligations,
        request.limits(),
        new AuthorizedRequest.Correlation(person, "0af7651916cd43dd8448eb211c80319c"),
        deadline);
  }

  private dev.obolus.connector.AccessPlan planned(DataRequest request) {
    return ((Planned) connector.plan(request)).plan();
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
