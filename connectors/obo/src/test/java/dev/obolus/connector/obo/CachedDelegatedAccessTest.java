// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.NotAuthenticated;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

final class CachedDelegatedAccessTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  private static final String ACRS =
      "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}";

  private final FakeExchange exchange = new FakeExchange();
  private final AtomicLong nanos = new AtomicLong();
  private final Wiring wiring = new Wiring(() -> START.plusNanos(nanos.get()));
  private final Wiring.Cached cached = wiring.cached(exchange, 10_000, nanos::get);
  private final CachedDelegatedAccess provider = cached.provider();

  @Test
  void theSecondCallWithTheSameAssertionMakesNoExchange() {
    DelegatedAccess first = access("alice", "a1");
    assertThat(use(first, "s")).isEqualTo("Bearer a1|s|1");
    assertThat(first.lastCorrelationId()).contains("correlation-1");

    DelegatedAccess second = access("alice", "a1");
    assertThat(use(second, "s")).isEqualTo("Bearer a1|s|1");
    assertThat(second.lastCorrelationId()).isEmpty();
    assertThat(exchange.asked).hasSize(1);
  }

  @Test
  void anythingThatATokenDependsOnMakesAnotherExchange() {
    assertThat(use(access("alice", "a1"), "s")).isEqualTo("Bearer a1|s|1");
    assertThat(use(access("alice", "a2"), "s")).isEqualTo("Bearer a2|s|2");
    assertThat(use(access("alice", "a1"), "t")).isEqualTo("Bearer a1|t|3");
    assertThat(use(access("bob", "a1"), "s")).isEqualTo("Bearer a1|s|4");
  }

  @Test
  void aTokenIsKeptNoLongerThanTheConfiguredTime() {
    var _ = use(access("alice", "a1"), "s");
    busy();
    pass(Duration.ofMinutes(29));
    assertThat(use(access("alice", "a1"), "s")).endsWith("|1");
    pass(Duration.ofMinutes(1));
    assertThat(refusal(access("alice", "a1")))
        .isInstanceOf(ConnectorFailure.ExchangeUnavailable.class);
  }

  @Test
  void aTokenIsKeptNoLongerThanItselfLessTheSkew() {
    exchange.expiresIn = Duration.ofMinutes(10);
    var _ = use(access("alice", "a1"), "s");
    busy();
    pass(Duration.ofMinutes(8));
    assertThat(use(access("alice", "a1"), "s")).endsWith("|1");
    pass(Duration.ofMinutes(1));
    assertThat(refusal(access("alice", "a1")))
        .isInstanceOf(ConnectorFailure.ExchangeUnavailable.class);
  }

  @Test
  void aTokenIsKeptNoLongerThanTheAssertion() {
    DelegatedAccess access = access("alice", "a1", Duration.ofMinutes(5));
    var _ = use(access, "s");
    pass(Duration.ofMinutes(4).plusSeconds(1));
    assertThat(use(access, "s")).endsWith("|2");
  }

  @Test
  void anExpiredAssertionIsNotExchanged() {
    DelegatedAccess access = access("alice", "a1", Duration.ofMinutes(5));
    pass(Duration.ofMinutes(5));

    assertThat(refusal(access)).isEqualTo(new TokenRejected("expired"));
    assertThat(exchange.asked).isEmpty();
  }

  @Test
  void aFinalRefusalIsNotAskedForAgainForTenSecondsByThatRequest() {
    for (ConnectorFailure failure :
        List.of(
            new TokenRejected("aadsts50013"),
            new ChallengeRequired(ACRS),
            new ConnectorFailure.ConsentRequired("aadsts65001"),
            new ConnectorFailure.ExchangeDenied("aadsts53003"),
            new ConnectorFailure.Misconfigured("aadsts50196"))) {
      exchange.asked.clear();
      exchange.before =
          request ->
              request.assertion().reveal().equals("refused") ? refusing(failure) : Mono.empty();
      for (int i = 0; i < 100; i++) {
        assertThat(refusal(access("alice", "refused"))).isEqualTo(failure);
      }
      assertThat(exchange.asked).as(failure.toString()).hasSize(1);
      assertThat(use(access("alice", failure.toString()), "s")).as("another token").isNotEmpty();
      pass(Duration.ofSeconds(11));
      assertThat(refusal(access("alice", "refused"))).isEqualTo(failure);
      assertThat(exchange.asked).as(failure.toString()).hasSize(3);
      pass(Duration.ofSeconds(11));
    }
  }

  @Test
  void aPassingRefusalIsNotKept() {
    busy();
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(access("alice", "a1")))
          .isInstanceOf(ConnectorFailure.ExchangeUnavailable.class);
    }
    assertThat(exchange.asked).hasSize(3);
  }

  @Test
  void aPurgeForgetsThatARequestWasRefused() {
    exchange.before = _ -> refusing(new ConnectorFailure.ExchangeDenied("aadsts53003"));
    assertThat(refusal(access("alice", "a1"))).isInstanceOf(ConnectorFailure.ExchangeDenied.class);
    exchange.before = _ -> Mono.empty();

    provider.purge(new Purge.Person("tenant", "alice"));

    assertThat(use(access("alice", "a1"), "s")).endsWith("|2");
  }

  @Test
  void anExchangeThatBreaksItsPromiseIsARefusal() {
    exchange.before = _ -> Mono.error(new IllegalStateException("boom"));
    assertThat(refusal(access("alice", "a1")))
        .isInstanceOf(ConnectorFailure.ExchangeUnavailable.class);
    exchange.before = _ -> Mono.empty();
    assertThat(use(access("alice", "a1"), "s")).endsWith("|2");
  }

  @Test
  void aHerdOfAThousandMakesOneExchange() {
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var waiting = new ArrayList<CompletableFuture<String>>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(call(access("alice", "a1"), "s").toFuture());
    }

    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(waiting).allSatisfy(f -> assertThat(f.join()).isEqualTo("Bearer a1|s|1"));
    assertThat(exchange.asked).hasSize(1);
  }

  @Test
  void whoStopsWaitingDoesNotStopTheExchange() {
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var first = call(access("alice", "a1"), "s").subscribe();
    var second = call(access("alice", "a1"), "s").toFuture();

    first.dispose();
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(second.join()).isEqualTo("Bearer a1|s|1");
    assertThat(exchange.asked).hasSize(1);
  }

  @Test
  void aPurgeForgetsThisPersonsTokensAndNobodyElses() {
    var _ = use(access("alice", "a1"), "s");
    var _ = use(access("bob", "b1"), "s");

    provider.purge(new Purge.Person("tenant", "alice"));

    assertThat(use(access("alice", "a1"), "s")).endsWith("|3");
    assertThat(use(access("bob", "b1"), "s")).endsWith("|2");
  }

  @Test
  void anExchangeUnderWayAtThePurgeIsNeitherUsedNorKept() {
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var called = new AtomicInteger();
    var waiting =
        access("alice", "a1").call("s", _ -> Mono.fromSupplier(called::incrementAndGet)).toFuture();

    provider.purge(new Purge.Person("tenant", "alice"));
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThatThrownBy(waiting::join).hasCauseInstanceOf(AccessRefused.class);
    assertThat(called).hasValue(0);
    assertThat(use(access("alice", "a1"), "s")).endsWith("|2");
  }

  @Test
  void anAnswerThatEndsTheSessionForgetsThePerson() {
    var _ = use(access("alice", "a1"), "s");
    exchange.before =
        request ->
            request.scope().equals("t")
                ? Mono.just(
                    new Exchanged.Refused(
                        new NotAuthenticated("aadsts50057"), true, Optional.empty()))
                : Mono.empty();
    assertThatThrownBy(() -> use(access("alice", "a2"), "t")).isInstanceOf(AccessRefused.class);

    assertThat(use(access("alice", "a1"), "s")).endsWith("|3");
  }

  @Test
  void aStaleSessionIsRefusedWithoutAskingAndEndsNoOtherSessionAgain() {
    var stale = new Exchanged.Refused(new TokenRejected("aadsts50173"), true, Optional.empty());
    exchange.before =
        request -> request.assertion().reveal().equals("stale") ? Mono.just(stale) : Mono.empty();
    assertThat(refusal(access("alice", "stale"))).isEqualTo(stale.failure());
    String fresh = use(access("alice", "fresh"), "s");

    for (int i = 0; i < 5; i++) {
      assertThat(refusal(access("alice", "stale"))).isEqualTo(stale.failure());
      assertThat(use(access("alice", "fresh"), "s")).isEqualTo(fresh);
    }
    pass(Duration.ofMinutes(119));
    assertThat(refusal(access("alice", "stale", Duration.ofMinutes(1)))).isEqualTo(stale.failure());

    assertThat(exchange.asked).hasSize(2);
    assertThat(wiring.count("obolus.obo.purges")).isEqualTo(1);
  }

  @Test
  void anExchangeUnderWayIsNotVoidedByASessionThatIsKnownToBeStale() {
    var gate = Sinks.<Exchanged>empty();
    exchange.before =
        request ->
            request.assertion().reveal().equals("stale")
                ? Mono.just(
                    new Exchanged.Refused(new TokenRejected("aadsts50173"), true, Optional.empty()))
                : gate.asMono();
    assertThat(refusal(access("alice", "stale"))).isInstanceOf(TokenRejected.class);
    var waiting = call(access("alice", "fresh"), "s").toFuture();

    assertThat(refusal(access("alice", "stale"))).isInstanceOf(TokenRejected.class);
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(waiting.join()).startsWith("Bearer fresh|");
  }

  @Test
  void aPersonWhoIsEnabledAgainIsServedWithTheSameTokenSoon() {
    exchange.before =
        _ ->
            Mono.just(
                new Exchanged.Refused(
                    new ConnectorFailure.ExchangeDenied("aadsts50057"), true, Optional.empty()));
    assertThat(refusal(access("alice", "a1"))).isInstanceOf(ConnectorFailure.ExchangeDenied.class);
    exchange.before = _ -> Mono.empty();
    pass(Duration.ofSeconds(9));
    assertThat(refusal(access("alice", "a1"))).isInstanceOf(ConnectorFailure.ExchangeDenied.class);
    assertThat(wiring.count("obolus.obo.purges")).isEqualTo(1);

    pass(Duration.ofSeconds(2));
    assertThat(use(access("alice", "a1"), "s")).startsWith("Bearer a1|");
  }

  @Test
  void aTokenIsExchangedAnewBeforeItsEndAndNobodyWaits() {
    var _ = use(access("alice", "a1"), "s");
    pass(Duration.ofMinutes(28));
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();

    for (int i = 0; i < 100; i++) {
      assertThat(use(access("alice", "a1"), "s")).endsWith("|1");
    }
    assertThat(exchange.asked).as("one renewal, however many ask").hasSize(2);
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();
    pass(Duration.ofMinutes(20));

    assertThat(use(access("alice", "a1"), "s")).as("past the first one's end").endsWith("|2");
    assertThat(exchange.asked).hasSize(2);
    assertThat(wiring.count("obolus.obo.cache.renewals")).isEqualTo(1);
  }

  @Test
  void whoComesAfterTheEndJoinsTheRenewalUnderWay() {
    var _ = use(access("alice", "a1"), "s");
    pass(Duration.ofMinutes(28));
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var _ = use(access("alice", "a1"), "s");
    pass(Duration.ofMinutes(3));

    var waiting = call(access("alice", "a1"), "s").toFuture();
    assertThat(waiting).isNotDone();
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(waiting.join()).endsWith("|2");
    assertThat(exchange.asked).hasSize(2);
  }

  @Test
  void aRenewalThatFailsForNowIsTriedAgainLaterAndTheTokenStaysInUse() {
    var _ = use(access("alice", "a1"), "s");
    busy();
    pass(Duration.ofMinutes(28));
    for (int i = 0; i < 10; i++) {
      assertThat(use(access("alice", "a1"), "s")).endsWith("|1");
    }
    assertThat(exchange.asked).hasSize(2);
    pass(Duration.ofSeconds(30));
    assertThat(use(access("alice", "a1"), "s")).endsWith("|1");
    assertThat(exchange.asked).hasSize(3);
  }

  @Test
  void aRenewalThatIsRefusedForGoodEndsTheOldTokensUse() {
    var _ = use(access("alice", "a1"), "s");
    exchange.before = _ -> refusing(new ConnectorFailure.ChallengeRequired(ACRS));
    pass(Duration.ofMinutes(28));
    assertThat(use(access("alice", "a1"), "s")).as("its last use").endsWith("|1");

    assertThat(refusal(access("alice", "a1"))).isEqualTo(new ChallengeRequired(ACRS));
  }

  @Test
  void aPurgeForgetsByTenantAgentAndConnectorToo() {
    for (Purge whose :
        List.of(
            new Purge.Tenant("tenant"),
            new Purge.Agent("agent"),
            new Purge.Source(new ConnectorId("databricks-sales")))) {
      int before = exchange.asked.size();
      var _ = use(access("alice", "a1"), "s");
      provider.purge(whose);
      assertThat(cached.tokens().size()).as(whose.toString()).isZero();
      var _ = use(access("alice", "a1"), "s");
      assertThat(exchange.asked.size() - before)
          .as(whose.toString())
          .isEqualTo(before == 0 ? 2 : 1);
      provider.purge(other(whose));
      var _ = use(access("alice", "a1"), "s");
      assertThat(exchange.asked.size() - before).as("not " + whose).isEqualTo(before == 0 ? 2 : 1);
    }
  }

  private static Purge other(Purge whose) {
    return switch (whose) {
      case Purge.Person _ -> new Purge.Person("tenant", "somebody else");
      case Purge.Tenant _ -> new Purge.Tenant("another");
      case Purge.Agent _ -> new Purge.Agent("another");
      case Purge.Source _ -> new Purge.Source(new ConnectorId("another"));
    };
  }

  @Test
  void anExchangeUnderWayAtAnyPurgeIsNeitherUsedNorKept() {
    for (Purge whose :
        List.of(
            new Purge.Tenant("tenant"),
            new Purge.Agent("agent"),
            new Purge.Source(new ConnectorId("databricks-sales")))) {
      var gate = Sinks.<Exchanged>empty();
      exchange.before = _ -> gate.asMono();
      var called = new AtomicInteger();
      var waiting =
          access("alice", "a1")
              .call("s", _ -> Mono.fromSupplier(called::incrementAndGet))
              .toFuture();

      provider.purge(whose);
      assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

      assertThatThrownBy(waiting::join).hasCauseInstanceOf(AccessRefused.class);
      assertThat(called).as(whose.toString()).hasValue(0);
    }
    assertThat(wiring.count("obolus.obo.purges")).isEqualTo(3);
  }

  @Test
  void aRenewalUnderWayAtThePurgeIsNotKept() {
    var _ = use(access("alice", "a1"), "s");
    pass(Duration.ofMinutes(28));
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var _ = use(access("alice", "a1"), "s");

    provider.purge(new Purge.Person("tenant", "alice"));
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(use(access("alice", "a1"), "s")).endsWith("|3");
  }

  @Test
  void morePurgesThanAreRememberedForgetTooMuchRatherThanTooLittle() {
    var gate = Sinks.<Exchanged>empty();
    exchange.before = _ -> gate.asMono();
    var waiting = call(access("alice", "a1"), "s").toFuture();

    provider.purge(new Purge.Person("tenant", "alice"));
    for (int i = 0; i < 5_000; i++) {
      provider.purge(new Purge.Person("tenant", "somebody-" + i));
    }
    assertThat(gate.tryEmitEmpty().isSuccess()).isTrue();

    assertThatThrownBy(waiting::join).hasCauseInstanceOf(AccessRefused.class);
  }

  @Test
  void theCacheIsBoundedAndSaysHowItFares() {
    var small = wiring.cached(exchange, 100, nanos::get);
    for (int i = 0; i < 1_000; i++) {
      String person = "person-" + i;
      var token = new SubjectToken(person, START.plusSeconds(3600));
      var access =
          small
              .provider()
              .forSubject(
                  new Subject("tenant", person, "agent", Set.of(), token),
                  new ConnectorId("databricks-sales"),
                  new Correlation("r", "t"));
      assertThat(use(access, "s")).startsWith("Bearer " + person + "|");
    }

    assertThat(small.tokens().size()).isLessThanOrEqualTo(100);
    assertThat(wiring.count("obolus.obo.cache.evictions", "cause", "size"))
        .isGreaterThanOrEqualTo(900);
    assertThat(wiring.count("obolus.obo.cache.requests", "result", "miss")).isEqualTo(1_000);
  }

  @Test
  void longTokensCountForMoreThanOne() {
    var small = wiring.cached(exchange, 100, nanos::get);
    for (int i = 0; i < 100; i++) {
      var token = new SubjectToken(i + "x".repeat(9_000), START.plusSeconds(3600));
      var access =
          small
              .provider()
              .forSubject(
                  new Subject("tenant", "person-" + i, "agent", Set.of(), token),
                  new ConnectorId("databricks-sales"),
                  new Correlation("r", "t"));
      assertThat(use(access, "s")).isNotEmpty();
    }

    assertThat(small.tokens().size()).isBetween(1L, 33L);
  }

  @Test
  void whatTheFirstOfTwoChallengedGotIsNotForgottenByTheSecond() {
    DelegatedAccess first = access("alice", "a1");
    DelegatedAccess second = access("alice", "a1");
    var tokens = new ArrayList<String>();
    var inTheSource = Sinks.<String>empty();
    var late =
        second
            .call(
                "s",
                token ->
                    token.authorizationHeader().endsWith("|1")
                        ? inTheSource.asMono().then(Mono.<String>error(new SourceChallenge(ACRS)))
                        : Mono.just(token.authorizationHeader()))
            .toFuture();

    assertThat(challenged(first, tokens, 1, ACRS)).isEqualTo("done");
    assertThat(inTheSource.tryEmitEmpty().isSuccess()).isTrue();

    assertThat(late.join()).as("the token that satisfied the first").endsWith("|2");
    assertThat(exchange.asked).hasSize(2);
  }

  @Test
  void aTokenThatOnceSatisfiedAndNoLongerDoesIsNotUsedAgain() {
    DelegatedAccess access = access("alice", "a1");
    assertThat(challenged(access, new ArrayList<>(), 1, ACRS)).isEqualTo("done");
    var tokens = new ArrayList<String>();

    assertThat(challenged(access, tokens, 1, ACRS)).isEqualTo("done");

    assertThat(tokens).containsExactly("Bearer a1|s|2", "Bearer a1|s|3");
  }

  @Test
  void ofAClaimOnlyWhatAClaimsRequestMayHoldReachesEntra() {
    String hostile =
        """
        {"access_token":{"nbf":{"essential":true,"value":"1700000000","evil":{"a":1}},\
        "acrs":{"value":{"x":1},"values":["c1",7],"essential":"yes"}}}\
        """;

    var _ = challenged(access("alice", "a1"), new ArrayList<>(), 1, hostile);

    assertThat(exchange.asked.get(1).claims())
        .contains(
            "{\"access_token\":{\"acrs\":{},\"nbf\":{\"essential\":true,\"value\":\"1700000000\"}}}");
  }

  private void busy() {
    exchange.before =
        _ -> refusing(new ConnectorFailure.ExchangeUnavailable("http503", Optional.empty()));
  }

  private static Mono<Exchanged> refusing(ConnectorFailure failure) {
    return Mono.just(new Exchanged.Refused(failure, false, Optional.empty()));
  }

  @Test
  void aSourcesChallengeIsMetByOneMoreExchangeWithItsClaims() {
    DelegatedAccess access = access("alice", "a1");
    var tokens = new ArrayList<String>();

    String answer = challenged(access, tokens, 1, ACRS);

    assertThat(answer).isEqualTo("done");
    assertThat(tokens).containsExactly("Bearer a1|s|1", "Bearer a1|s|2");
    assertThat(exchange.asked.get(1).claims()).contains(ACRS);
    assertThat(use(access, "s")).as("the next call begins with what satisfied").endsWith("|2");
    assertThat(exchange.asked).hasSize(2);
  }

  @Test
  void aSourceThatChallengesAgainIsNotAskedAThirdTime() {
    var tokens = new ArrayList<String>();

    assertThatThrownBy(() -> challenged(access("alice", "a1"), tokens, 9, ACRS))
        .isInstanceOfSatisfying(
            AccessRefused.class,
            refused -> assertThat(refused.failure()).isEqualTo(new ChallengeRequired(ACRS)));
    assertThat(tokens).hasSize(2);
  }

  @Test
  void ofASourcesClaimsOnlyKnownMembersReachEntra() {
    String hostile =
        """
        {"id_token":{"x":null},"access_token":{"acrs":{"essential":true,"value":"c1"},\
        "evil":{"value":"y"}},"authorization_uri":"https://evil"}\
        """;

    var _ = challenged(access("alice", "a1"), new ArrayList<>(), 1, hostile);

    assertThat(exchange.asked.get(1).claims()).contains(ACRS);
  }

  @Test
  void claimsThatAreTooLongOrNoneAreNotSentAtAll() {
    for (String hostile :
        List.of("x".repeat(5_000), "[]", "null", "{}", "{\"access_token\":[1]}", "\u0000")) {
      assertThatThrownBy(() -> challenged(access("alice", hostile), new ArrayList<>(), 9, hostile))
          .isInstanceOfSatisfying(
              AccessRefused.class,
              refused -> assertThat(refused.failure()).isEqualTo(new ChallengeRequired("")));
    }
    assertThat(exchange.asked).allSatisfy(r -> assertThat(r.claims()).isEmpty());
  }

  @Test
  void noTokenIsShownByAnythingHere() {
    DelegatedAccess access = access("alice", "canary");
    var _ = use(access, "s");

    assertThat(access.toString() + exchange.asked).doesNotContain("canary");
    var issued =
        new Exchanged.Issued(new DelegatedToken("canary"), Duration.ofHours(1), Optional.empty());
    var ask =
        new TokenEndpoint.Ask(
            URI.create("https://login"), Map.of("assertion", "canary"), "request");
    assertThat(issued + " " + ask).doesNotContain("canary");
  }

  @Tag("long")
  @RepeatedTest(50)
  void norDoTheyInManyMore() throws Exception {
    interleaveFifty();
  }

  /** Fifty people, in an order that differs by seed, on several threads. */
  @Test
  void tokensNeverCrossWhateverTheInterleaving() throws Exception {
    interleaveFifty();
  }

  private void interleaveFifty() throws Exception {
    Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
    var most = new AtomicInteger();
    exchange.before =
        request ->
            Mono.<Exchanged>empty()
                .delaySubscription(Duration.ofMillis(1 + request.scope().length() % 3))
                .doFirst(() ->
                    most.accumulateAndGet(
                        underWay
                            .computeIfAbsent(id(request), _ -> new AtomicInteger())
                            .incrementAndGet(),
                        Math::max))
                .doFinally(
                    _ -> Objects.requireNonNull(underWay.get(id(request))).decrementAndGet());
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int seed = 0; seed < 3; seed++) {
        interleave(new Random(seed), threads, 0);
      }
      assertThat(most).as("exchanges under way for one key").hasValue(1);
      for (int seed = 3; seed < 6; seed++) {
        interleave(new Random(seed), threads, 10);
      }
    }
  }

  private void interleave(Random random, Executor threads, int purgesInAThousand) {
    var scheduler = Schedulers.fromExecutor(threads);
    var answers = new HashMap<CompletableFuture<String>, String>();
    for (int i = 0; i < 2_000; i++) {
      String person = "person-" + random.nextInt(50);
      String assertion = person + "/" + random.nextInt(2);
      String scope = "scope-" + "x".repeat(random.nextInt(3));
      if (random.nextInt(1_000) < purgesInAThousand) {
        provider.purge(new Purge.Person("tenant", person));
      }
      Mono<String> call = call(access(person, assertion), scope).subscribeOn(scheduler);
      if (random.nextInt(10) == 0) {
        call.subscribe(_ -> {}, _ -> {}).dispose();
      } else {
        answers.put(
            call.onErrorReturn(AccessRefused.class, "refused").toFuture(),
            "Bearer " + assertion + "|" + scope + "|");
      }
    }
    answers.forEach((answer, start) -> {
      String got = answer.join();
      assertThat(got.equals("refused") || got.startsWith(start)).as(got + start).isTrue();
    });
    assertThat(answers.keySet().stream().filter(f -> !f.join().equals("refused"))).isNotEmpty();
  }

  private static String id(OboExchange.Request request) {
    return request.assertion().reveal() + request.scope();
  }

  private static String challenged(
      DelegatedAccess access, List<String> tokens, int times, String claims) {
    return Objects.requireNonNull(
        access
            .call(
                "s",
                token -> {
                  tokens.add(token.authorizationHeader());
                  return tokens.size() <= times
                      ? Mono.<String>error(new SourceChallenge(claims))
                      : Mono.just("done");
                })
            .block(Duration.ofSeconds(10)));
  }

  private ConnectorFailure refusal(DelegatedAccess access) {
    try {
      return new ConnectorFailure.Malformed(use(access, "s"));
    } catch (AccessRefused refused) {
      return refused.failure();
    }
  }

  private static String use(DelegatedAccess access, String scope) {
    return Objects.requireNonNull(call(access, scope).block(Duration.ofSeconds(10)));
  }

  private static Mono<String> call(DelegatedAccess access, String scope) {
    return access.call(scope, token -> Mono.just(token.authorizationHeader()));
  }

  private DelegatedAccess access(String person, String assertion) {
    return access(person, assertion, Duration.ofHours(2));
  }

  private DelegatedAccess access(String person, String assertion, Duration valid) {
    var token = new SubjectToken(assertion, START.plusNanos(nanos.get()).plus(valid));
    return provider.forSubject(
        new Subject("tenant", person, "agent", Set.of(), token),
        new ConnectorId("databricks-sales"),
        new Correlation("r", "t"));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
