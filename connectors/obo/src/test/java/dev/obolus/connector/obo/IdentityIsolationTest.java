// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure.NotAuthenticated;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Ten thousand people at once, in an order that a seed decides: requests, ends of tokens and of
 * sign-ins, revocations, purges, challenges, slow and failing exchanges.
 */
final class IdentityIsolationTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  private static final String CLAIMS = "{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}";
  private static final int BOUND = 4_000;
  private static final int THREADS = 8;
  private static final ConnectorId CONNECTOR = new ConnectorId("databricks-sales");

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nobodyEverGetsAnothersTokenNorOneFromBeforeARevocation(int seed) throws Exception {
    var world = new World(seed, 10_000, true);
    world.run(60_000);
    assertThat(world.mostForOneKey).hasValue(1);
  }

  @Test
  void whereNothingIsRevokedNoKeyHasTwoExchangesUnderWay() throws Exception {
    var world = new World(12, 10_000, false);
    world.run(60_000);
    assertThat(world.mostForOneKey).hasValue(1);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6})
  void norInManyMoreSteps(int seed) throws Exception {
    var world = new World(seed, 10_000, true);
    world.run(1_000_000);
    assertThat(world.mostForOneKey).hasValue(1);
    var unrevoked = new World(seed, 10_000, false);
    unrevoked.run(1_000_000);
    assertThat(unrevoked.mostForOneKey).hasValue(1);
  }

  @Test
  void aHerdOnThreadsOfItsOwnMakesOneExchange() throws Exception {
    var world = new World(11, 1, false);
    try (ExecutorService herd = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        running.add(herd.submit(() -> world.request(0, 0, false)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(world.exchanges.sum()).isEqualTo(1);
    assertThat(world.served.sum()).isEqualTo(1_000);
  }

  /** A provider, a cache and people who use it. */
  private static final class World {
    private final Random seeds;
    private final int people;
    private final boolean revoking;
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder exchanges = new LongAdder();
    private final LongAdder served = new LongAdder();
    private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger mostForOneKey = new AtomicInteger();

    /** Tokens are numbered; those of a revoked person up to this number are void. */
    private final Map<String, Long> voidUpTo = new ConcurrentHashMap<>();

    private final Wiring.Cached cached;

    World(int seed, int people, boolean revoking) {
      this.seeds = new Random(seed);
      this.people = people;
      this.revoking = revoking;
      this.cached =
          new Wiring(() -> START.plusNanos(nanos.get()))
              .cached(this::exchange, BOUND, nanos::get, new Random(seed));
    }

    void run(int steps) throws Exception {
      try (var threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          var random = new Random(seeds.nextLong());
          running.add(threads.submit(() -> walk(random, steps / THREADS)));
        }
        for (Future<?> each : running) {
          each.get();
        }
      }
      assertThat(cached.tokens().size()).isLessThanOrEqualTo(BOUND);
      assertThat(served.sum()).as("served").isGreaterThan(steps / 2);
      assertThat(exchanges.sum()).as("kept tokens were used").isLessThan(served.sum());
    }

    private void walk(Random random, int steps) {
      for (int i = 0; i < steps; i++) {
        int person = person(random);
        int step = random.nextInt(1_000);
        if (step < 2 && revoking) {
          revoke(person);
        } else if (step < 4) {
          nanos.addAndGet(Duration.ofMinutes(random.nextInt(20)).toNanos());
        } else if (step == 4 && revoking && random.nextInt(100) == 0) {
          cached.provider().purge(new Purge.Source(CONNECTOR));
        } else {
          request(person, random.nextInt(2), step < 50);
        }
      }
    }

    /** A few people ask much, so that keys are contended; the many make the cache overflow. */
    private int person(Random random) {
      return random.nextInt(10) < 7 ? random.nextInt(50) : random.nextInt(people);
    }

    /** What is used by requests after this call was exchanged after it. */
    private void revoke(int person) {
      long issued = numbers.get();
      cached.provider().purge(new Purge.Person("tenant", name(person)));
      voidUpTo.merge(name(person), issued, Math::max);
    }

    private void request(int person, int session, boolean challenged) {
      String name = name(person);
      long floor = voidUpTo.getOrDefault(name, 0L);
      String assertion = name + "/" + session;
      var valid = START.plusNanos(nanos.get()).plus(Duration.ofMinutes(40));
      var subject = subject(new SubjectToken(assertion, valid));
      var challenges = new AtomicInteger(challenged ? 1 : 0);
      Mono<String> call =
          cached
              .provider()
              .forSubject(subject, CONNECTOR, new Correlation(generation(subject), "t"))
              .call(
                  "scope",
                  token ->
                      challenges.getAndDecrement() > 0
                          ? Mono.error(new SourceChallenge(CLAIMS))
                          : Mono.just(token.authorizationHeader()));
      try {
        String used = Objects.requireNonNull(call.block(Duration.ofSeconds(20)));
        assertThat(used).startsWith("Bearer " + assertion + "|scope|");
        assertThat(Long.parseLong(used.substring(used.lastIndexOf('|') + 1))).isGreaterThan(floor);
        served.increment();
      } catch (AccessRefused refused) {
        // revoked meanwhile, or the provider said no
      }
    }

    private Mono<Exchanged> exchange(OboExchange.Request request) {
      Mono<Exchanged> exchange =
          Mono.defer(
                  () -> {
                    exchanges.increment();
                    return answer(request);
                  })
              .delaySubscription(Duration.ofNanos(1 + numbers.get() % 2_000_000));
      String generation = generation(subject(request.assertion()));
      return generation.equals(request.clientRequestId())
          ? counted(exchange, id(request) + generation)
          : exchange;
    }

    /** Where a purge came between, nobody outside can tell the exchange's own generation. */
    private Mono<Exchanged> counted(Mono<Exchanged> exchange, String key) {
      return exchange
          .doFirst(() ->
              mostForOneKey.accumulateAndGet(
                  underWay.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet(),
                  Math::max))
          .doOnTerminate(() -> Objects.requireNonNull(underWay.get(key)).decrementAndGet());
    }

    private String generation(Subject subject) {
      return String.valueOf(cached.provider().generation(subject, CONNECTOR));
    }

    private static Subject subject(SubjectToken assertion) {
      String name = assertion.reveal().substring(0, assertion.reveal().indexOf('/'));
      return new Subject("tenant", name, "agent", Set.of(), assertion);
    }

    private static String id(OboExchange.Request request) {
      return request.assertion().reveal() + request.scope() + request.claims().orElse("") + " ";
    }

    private Mono<Exchanged> answer(OboExchange.Request request) {
      long number = numbers.incrementAndGet();
      if (number % 101 == 0) {
        return Mono.error(new IllegalStateException("an exchange that breaks"));
      }
      if (number % 211 == 0 && revoking) {
        return Mono.just(
            new Exchanged.Refused(new NotAuthenticated("aadsts50057"), true, Optional.empty()));
      }
      return Mono.just(
          new Exchanged.Issued(
              new DelegatedToken(
                  request.assertion().reveal() + "|" + request.scope() + "|" + number),
              Duration.ofMinutes(5 + number % 60),
              Optional.empty()));
    }

    private static String name(int person) {
      return "person-" + person;
    }
  }
}
